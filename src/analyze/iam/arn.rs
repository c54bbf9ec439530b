//! Amazon Resource Names, taken apart.

/// The six parts of `arn:partition:service:region:account:resource`; the last keeps further colons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArnParts<'a> {
    /// Such as `aws`, `aws-cn`.
    pub partition: &'a str,
    /// The prefix of the service.
    pub service: &'a str,
    /// The region; empty for global resources.
    pub region: &'a str,
    /// The account; empty where names are unique everywhere, as for buckets.
    pub account: &'a str,
    /// The rest.
    pub resource: &'a str,
}

impl<'a> ArnParts<'a> {
    /// Takes an ARN apart; nothing if it has fewer than six parts.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next() != Some("arn") {
            return None;
        }
        Some(Self {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        })
    }
}
