//! Three-valued logic over attributes. Where several causes compete, the least one stands, so that the order of rules
//! never shows.

use crate::model::{Attr, Cause};

/// True if any is, false if all are; unknown otherwise.
pub fn any(items: impl IntoIterator<Item = Attr<bool>>) -> Attr<bool> {
    let mut doubt = Doubt::default();
    for item in items {
        match item {
            Attr::Known(true) => return Attr::Known(true),
            Attr::Known(false) => {}
            Attr::Unknown(cause) => doubt.add(&cause),
        }
    }
    doubt.or_known(false)
}

/// False if either is, true if both are; the second is looked at only where the first does not decide.
pub fn both(first: Attr<bool>, second: impl FnOnce() -> Attr<bool>) -> Attr<bool> {
    match first {
        Attr::Known(false) => Attr::Known(false),
        Attr::Known(true) => second(),
        Attr::Unknown(cause) => match second() {
            Attr::Known(false) => Attr::Known(false),
            Attr::Known(true) => Attr::Unknown(cause),
            Attr::Unknown(other) => Attr::Unknown(cause.min(other)),
        },
    }
}

/// A predicate of an attribute.
pub fn test<T>(attr: &Attr<T>, predicate: impl FnOnce(&T) -> bool) -> Attr<bool> {
    match attr {
        Attr::Known(value) => Attr::Known(predicate(value)),
        Attr::Unknown(cause) => Attr::Unknown(cause.clone()),
    }
}

/// The reasons met so far why an answer may not be final.
#[derive(Debug, Clone, Default)]
pub struct Doubt(Option<Cause>);

impl Doubt {
    /// Another reason; the least one is kept.
    pub fn add(&mut self, cause: &Cause) {
        if self.0.as_ref().is_none_or(|have| cause < have) {
            self.0 = Some(cause.clone());
        }
    }

    /// Another reason, if there is one.
    pub fn extend(&mut self, cause: Option<&Cause>) {
        if let Some(cause) = cause {
            self.add(cause);
        }
    }

    /// The reason that stands.
    pub fn cause(&self) -> Option<&Cause> {
        self.0.as_ref()
    }

    /// The value if there is no doubt about it.
    pub fn or_known<T>(self, value: T) -> Attr<T> {
        match self.0 {
            None => Attr::Known(value),
            Some(cause) => Attr::Unknown(cause),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CauseKind;

    #[test]
    fn the_other_operand_may_decide() {
        let unknown = || Attr::unknown(CauseKind::Denied, "x");
        assert_eq!(any([unknown(), Attr::Known(true)]), Attr::Known(true));
        assert_eq!(any([unknown(), Attr::Known(false)]), unknown());
        assert_eq!(any([]), Attr::Known(false));
        assert_eq!(both(unknown(), || Attr::Known(false)), Attr::Known(false));
        assert_eq!(both(unknown(), || Attr::Known(true)), unknown());
        assert_eq!(both(Attr::Known(true), unknown), unknown());
    }

    #[test]
    fn causes_do_not_depend_on_order() {
        let a = || Attr::<bool>::unknown(CauseKind::Denied, "a");
        let b = || Attr::<bool>::unknown(CauseKind::Denied, "b");
        assert_eq!(any([a(), b()]), any([b(), a()]));
        assert_eq!(both(a(), b), both(b(), a));
    }
}
