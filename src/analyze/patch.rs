//! Facts about hosts: whether their operating system is still supported.

mod end_of_life;

use super::Given;
use crate::model::ssm::ManagedInstance;
use crate::model::{Attr, Cause, CauseKind};
use end_of_life::Support;

/// Derives the facts of a managed instance.
pub fn derive(host: &mut ManagedInstance, given: Given) {
    let support = support_of(host);
    given.or(&mut host.platform_known, || match &support {
        Ok(support) => Attr::Known(support.is_some()),
        Err(cause) => Attr::Unknown(cause.clone()),
    });
    given.or(&mut host.end_of_life, || match support {
        Ok(Some(Support::Until(time))) => Attr::Known(Some(time)),
        Ok(Some(Support::Open)) => Attr::Known(None),
        Ok(None) => Attr::unknown(
            CauseKind::NotUnderstood,
            "the support dates of this operating system are not known here",
        ),
        Err(cause) => Attr::Unknown(cause),
    });
}

fn support_of(host: &ManagedInstance) -> Result<Option<Support>, Cause> {
    let name = host.platform_name.get().map_err(Clone::clone)?;
    let version = host.platform_version.get().map_err(Clone::clone)?;
    match (name, version) {
        (Some(name), version) => Ok(end_of_life::of(name, version.as_deref().unwrap_or_default())),
        (None, _) => Err(Cause::new(CauseKind::NotCollected, "the agent reports no platform")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_platform_never_passes() {
        let mut host = ManagedInstance {
            platform_name: Some("Plan 9".to_owned()).into(),
            platform_version: Some("4".to_owned()).into(),
            ..ManagedInstance::default()
        };
        derive(&mut host, Given(false));
        assert_eq!(host.platform_known, Attr::Known(false));
        assert_eq!(host.end_of_life.known(), None);
    }
}
