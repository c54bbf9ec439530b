//! Facts about instances that are not about networks.

use jiff::Timestamp;

use super::Given;
use crate::clock::Time;
use crate::model::ec2::Instance;
use crate::model::{Cause, CauseKind};

/// Derives the facts of an instance.
pub fn derive(instance: &mut Instance, given: Given) {
    let since = stopped_since(instance);
    given.or(&mut instance.stopped_since, || since.into());
}

fn stopped_since(instance: &Instance) -> Result<Option<Time>, Cause> {
    if instance.state.get().map_err(Clone::clone)? != "stopped" {
        return Ok(None);
    }
    let reason = instance.state_transition_reason.get().map_err(Clone::clone)?;
    let time = reason.as_deref().and_then(time_of);
    time.map(Some).ok_or_else(|| {
        Cause::new(CauseKind::NotUnderstood, "EC2 does not say when the instance was stopped")
    })
}

/// The time in a text such as `User initiated (2025-06-25 08:00:00 GMT)`.
///
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshoot-instances-terminating.html>; the form of the
/// time is as EC2 prints it, it is documented nowhere.
fn time_of(reason: &str) -> Option<Time> {
    let (_, rest) = reason.rsplit_once('(')?;
    let (time, _) = rest.split_once(" GMT)")?;
    let (date, clock) = time.split_once(' ')?;
    format!("{date}T{clock}Z").parse::<Timestamp>().ok().map(Time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Attr;

    fn of(state: &str, reason: Option<&str>) -> Attr<Option<Time>> {
        let mut instance = Instance {
            state: state.to_owned().into(),
            state_transition_reason: reason.map(str::to_owned).into(),
            ..Instance::default()
        };
        derive(&mut instance, Given(false));
        instance.stopped_since
    }

    #[test]
    fn the_time_stands_behind_the_reason() {
        let at = "2025-06-25T08:00:00Z".parse().map(Time).unwrap();
        assert_eq!(
            of("stopped", Some("User initiated (2025-06-25 08:00:00 GMT)")),
            Some(at).into()
        );
        assert_eq!(of("running", Some("")), None.into());
    }

    #[test]
    fn what_ec2_does_not_say_is_unknown() {
        for reason in [None, Some(""), Some("Server.InternalError"), Some("x (yesterday GMT)")] {
            assert!(of("stopped", reason).known().is_none(), "{reason:?}");
        }
    }
}
