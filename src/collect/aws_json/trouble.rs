//! Files that hold no answer: errors of the CLI, cut JSON, nothing.
//!
//! An error is evidence, too: it says which call failed, and some errors say that there is nothing (no password
//! policy, no organization).

use serde_json::Value;

use super::forms::{self, Covers, Form, Read};
use super::place::Hint;
use super::read::Content;
use super::reshape::plain;
use super::store::{Place, Store};
use super::{account, ec2, guarded, iam, organizations, scene};
use crate::diag::Diagnostic;
use crate::ident::Region;
use crate::model::attr::CauseKind;
use crate::model::coverage::Completeness;

/// Reads what is no JSON. Returns the calls it is about.
pub(super) fn read(
    store: &mut Store,
    path: &str,
    hint: &Hint,
    content: Content,
) -> Vec<&'static str> {
    if matches!(content, Content::Empty) {
        let silent = silent(store, path, hint, &by_name(path));
        if !silent.is_empty() {
            return silent;
        }
    }
    let (begin, why) = match content {
        Content::Text(text) => (text.clone(), text),
        Content::Broken(begin, why) => (begin, why),
        Content::Empty => (String::new(), "the file is empty".to_owned()),
        Content::Refused(why) => (String::new(), why),
        Content::Json(_) => return Vec::new(),
    };
    let error = Failure::find(&why).or_else(|| Failure::find(&begin));
    let forms = if let Some(error) = &error {
        by_operation(&error.operation, path, &begin)
    } else {
        let by_content = by_members(&begin);
        if by_content.is_empty() { by_name(path) } else { by_content }
    };
    let shown = if let Some(error) = &error {
        format!("{}: {}", error.code, error.message)
    } else {
        let line = why.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        format!("no answer in JSON: {}", line.chars().take(200).collect::<String>())
    };
    if let Some(error) = &error
        && special(store, path, hint, error)
    {
        return forms.iter().map(|form| form.call).collect();
    }
    if forms.is_empty() {
        let note = Diagnostic::warning("aws-json/unrecognised", format!("{path}: {shown}"));
        store.notes.push(note.help("only JSON printed by the AWS CLI is read here"));
        return Vec::new();
    }
    let denied = error.as_ref().is_some_and(Failure::is_denied);
    let off = error.as_ref().is_some_and(|e| e.code == "AWSOrganizationsNotInUseException");
    let status = match (off, denied) {
        (true, _) => Completeness::Disabled,
        (false, true) => Completeness::Denied,
        (false, false) => Completeness::Failed,
    };
    let mut calls: Vec<&'static str> = Vec::new();
    for form in forms {
        fail(store, path, hint, form, status, &shown);
        if !calls.contains(&form.call) {
            calls.push(form.call);
        }
    }
    let message = format!("{path}: {} failed: {shown}", calls.join(", "));
    store.note("aws-json/failed-call", message);
    calls
}

/// An empty object, which the CLI prints for an empty answer: the file's name tells which.
pub(super) fn empty_answer(store: &mut Store, path: &str, hint: &Hint, document: &Value) -> bool {
    if document.as_object().is_none_or(|map| !map.is_empty()) {
        return false;
    }
    let forms = by_name(path);
    if !silent(store, path, hint, &forms).is_empty() {
        return true;
    }
    for form in &forms {
        let Some(place) = place(hint, form) else { continue };
        // Settings are answered call by call: the type stays, with what this call would have told.
        if form.kinds == ["aws.ec2.account_settings"] {
            let mut scene = scene(store, &place, path, None, form.call);
            if let Read::Answer(read) = form.read
                && form.call == "ec2:GetInstanceMetadataDefaults"
            {
                read(&mut scene, document);
            }
            ec2::settings_failed(&mut scene);
            continue;
        }
        // An empty list is left out by some services; what there always is one of cannot be empty.
        let (status, reason) = match form.read {
            Read::List(_) => (Completeness::Complete, None),
            // Lists of names.
            _ if form.has.contains(&"=") => (Completeness::Complete, None),
            _ => (Completeness::Partial, Some(format!("{}: the answer is empty", form.call))),
        };
        if let Covers::Whole = form.covers {
            for kind in form.kinds {
                store.cover(kind, &place, status, reason.clone(), true);
            }
        }
    }
    !forms.is_empty()
}

/// Notes what is absent where the CLI prints nothing; the calls it is about.
fn silent(
    store: &mut Store,
    path: &str,
    hint: &Hint,
    forms: &[&'static Form],
) -> Vec<&'static str> {
    let mut calls = Vec::new();
    for form in forms {
        let absent = guarded::silent(form.call);
        let Some(place) = place(hint, form).filter(|_| !absent.is_empty()) else { continue };
        let absent = absent.iter().map(|what| (place.clone(), path.to_owned(), *what));
        store.absent.extend(absent);
        calls.push(form.call);
    }
    calls
}

fn fail(
    store: &mut Store,
    path: &str,
    hint: &Hint,
    form: &'static Form,
    status: Completeness,
    why: &str,
) {
    let Some(place) = place(hint, form) else {
        store.note("aws-json/no-place", format!("{path}: nothing says where {} failed", form.call));
        return;
    };
    let kind = if status == Completeness::Denied { CauseKind::Denied } else { CauseKind::Failed };
    let reason = format!("{}: {why}", form.call);
    store.fail(form.call, &place, kind, &reason);
    // Settings are answered call by call: one that failed leaves the others standing.
    if form.kinds == ["aws.ec2.account_settings"] {
        return ec2::settings_failed(&mut scene(store, &place, path, None, form.call));
    }
    let whole = matches!(form.covers, Covers::Whole);
    for kind in form.kinds {
        store.cover(kind, &place, status, Some(reason.clone()), whole);
    }
}

fn place(hint: &Hint, form: &Form) -> Option<Place> {
    let global = super::is_global(form.call);
    let region = if global { Some(Region::global()) } else { hint.region.clone() };
    Some(Place { account: hint.account.clone()?, region: region? })
}

/// Errors that say what is.
fn special(store: &mut Store, path: &str, hint: &Hint, error: &Failure) -> bool {
    let Some(account) = hint.account.clone() else { return false };
    let place = Place { account, region: Region::global() };
    match (error.code.as_str(), error.operation.as_str()) {
        ("NoSuchEntity", "GetAccountPasswordPolicy") => {
            iam::no_password_policy(&mut scene(
                store,
                &place,
                path,
                None,
                "iam:GetAccountPasswordPolicy",
            ));
        }
        ("NoSuchEntity", "GetLoginProfile") => {
            // `Login Profile for User ann cannot be found.`
            let user = error.message.split("User ").nth(1).and_then(|rest| rest.split(' ').next());
            let Some(user) = user else { return false };
            iam::no_login_profile(
                &mut scene(store, &place, path, None, "iam:GetLoginProfile"),
                user,
            );
        }
        ("ResourceNotFoundException", "GetPolicy") => {
            let Some(region) = hint.region.clone() else { return false };
            let place = Place { region, ..place };
            store.without_policy.push((place, path.to_owned()));
        }
        ("ResourceNotFoundException", "GetAlternateContact") => {
            account::no_contact(&mut scene(
                store,
                &place,
                path,
                None,
                "account:GetAlternateContact",
            ));
        }
        ("AWSOrganizationsNotInUseException", "DescribeOrganization") => {
            organizations::not_in_use(&mut scene(
                store,
                &place,
                path,
                None,
                "organizations:DescribeOrganization",
            ));
        }
        (code, operation) => {
            let Some(what) = guarded::absent(code, operation) else { return false };
            let global = super::is_global(what.2);
            let region = if global { Some(place.region) } else { hint.region.clone() };
            let Some(region) = region else { return false };
            store.absent.push((Place { region, account: place.account }, path.to_owned(), what));
        }
    }
    true
}

/// An error as the CLI prints it: `An error occurred (Code) when calling the Operation operation: message`.
struct Failure {
    code: String,
    operation: String,
    message: String,
}

impl Failure {
    fn find(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once("An error occurred (")?;
        let (code, rest) = rest.split_once(") when calling the ")?;
        let (operation, message) = rest.split_once(" operation")?;
        if code.len() > 100 || operation.len() > 100 {
            return None;
        }
        let message = message.split_once(": ").map_or("", |(_, message)| message);
        let message: String =
            message.lines().next().unwrap_or_default().chars().take(300).collect();
        Some(Self { code: code.to_owned(), operation: operation.trim().to_owned(), message })
    }

    /// Source: the common errors of each service; EC2 has its own words.
    fn is_denied(&self) -> bool {
        const WORDS: [&str; 6] = [
            "AccessDenied",
            "UnauthorizedOperation",
            "Unauthorized",
            "AuthFailure",
            "NotAuthorized",
            "Forbidden",
        ];
        WORDS.iter().any(|word| self.code.contains(word))
    }
}

/// The answers of an operation. Services share names: the message, or the name of the file, tells them apart.
fn by_operation(operation: &str, path: &str, text: &str) -> Vec<&'static Form> {
    let all: Vec<&'static Form> =
        forms::all().filter(|form| form.operation() == operation).collect();
    let narrow = |keep: &dyn Fn(&&'static Form) -> bool| -> Vec<&'static Form> {
        let some: Vec<_> = all.iter().copied().filter(|form| keep(form)).collect();
        if some.is_empty() { all.clone() } else { some }
    };
    if all.iter().any(|form| text.contains(form.call)) {
        return narrow(&|form| text.contains(form.call));
    }
    let stem = plain(path);
    if stem.contains("elbv2") {
        return narrow(&|form| form.kinds.iter().any(|kind| kind.starts_with("aws.elbv2.")));
    }
    narrow(&|form| form.call.split(':').next().is_some_and(|s| stem.contains(&plain(s))))
}

/// The answers whose first member stands at the beginning of a cut text.
fn by_members(begin: &str) -> Vec<&'static Form> {
    let mut parts = begin.split('"');
    let _ = parts.next();
    // Every second part stands between quotes.
    for word in parts.step_by(2).take(8) {
        let found: Vec<&'static Form> =
            forms::all().filter(|form| form.key == word && !form.call.is_empty()).collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// The answers whose operation is part of a file's name.
fn by_name(path: &str) -> Vec<&'static Form> {
    let stem = plain(path.rsplit('/').next().unwrap_or_default());
    let longest = forms::all()
        .filter(|form| !form.call.is_empty() && stem.contains(&plain(form.operation())))
        .map(|form| form.operation().len())
        .max();
    let Some(longest) = longest else { return Vec::new() };
    let operation = forms::all()
        .find(|form| {
            form.operation().len() == longest
                && !form.call.is_empty()
                && stem.contains(&plain(form.operation()))
        })
        .map(Form::operation);
    operation.map(|operation| by_operation(operation, path, "")).unwrap_or_default()
}
