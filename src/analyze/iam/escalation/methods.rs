//! Mini.
use super::method::{Act, Actor, Ask, Gain, Method, On};
static M: &[Method] = &[
    Method {
        id: "iam-005",
        title: "x",
        asks: &[Ask::One(Act { action: "iam:PutRolePolicy", on: On::ActorRole })],
        needs: "",
        unseen: false,
        gain: Gain::Own(Actor::Role),
        historic: false,
        source: "",
    },
    Method {
        id: "sts-001",
        title: "x",
        asks: &[Ask::One(Act { action: "sts:AssumeRole", on: On::Target })],
        needs: "",
        unseen: false,
        gain: Gain::Role { trusting: true, empowered: false, unbounded: false },
        historic: false,
        source: "",
    },
];
/// All.
pub fn all() -> impl Iterator<Item = &'static Method> {
    M.iter()
}
