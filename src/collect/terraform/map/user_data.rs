//! User data in the provider's spellings.

use super::kit::{is_open, is_silent};
use crate::collect::normal::{self, UserData};
use crate::collect::predicted::shape;
use crate::model::Tree;
use crate::model::attr::CauseKind;

/// What is kept of user data, plain or in Base64: the digest, and the kinds of secrets.
pub(super) fn user_data(plain: &Tree<'_>, base64: &Tree<'_>) -> [Tree<'static>; 2] {
    match base64 {
        Tree::Text(text) if !text.is_empty() => return kept(&normal::user_data(text)),
        Tree::Unknown(_) if !is_open(base64) => return unknown(base64),
        _ => {}
    }
    match plain {
        // Before version 6 of the provider, plans and states hold a digest in its place.
        Tree::Text(text) if text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit()) => {
            let why = "the plan holds nothing but a digest of the user data";
            let hidden = || Tree::unknown(CauseKind::NotCollected, why);
            [hidden(), hidden()]
        }
        // What is encoded already, the provider does not encode again.
        Tree::Text(text) => match normal::decode_base64(text) {
            Some(bytes) => kept(&normal::plain_user_data(&bytes)),
            None => kept(&normal::plain_user_data(text.as_bytes())),
        },
        silent if is_silent(silent) => [Tree::Null, Tree::List(Vec::new())],
        other => unknown(other),
    }
}

fn unknown(tree: &Tree<'_>) -> [Tree<'static>; 2] {
    let cause = shape::first_cause(tree).unwrap_or_default();
    [Tree::Unknown(cause.clone()), Tree::Unknown(cause)]
}

fn kept(data: &UserData) -> [Tree<'static>; 2] {
    [shape::owned(&data.sha256), shape::owned(&data.secret_kinds)]
}
