//! Until when operating systems get security updates from their vendor without a contract for extended support.
//!
//! Dates are those collected by endoflife.date (MIT licence, as of 2026-08-22), each the last day of support; the
//! vendor's own life-cycle page is named beside each family, and decides where they differ. Free or paid extensions by others or for money (Debian LTS, Ubuntu Pro, RHEL ELS, SUSE LTSS, Windows ESU)
//! do not count. Names and versions are those that the SSM agent reports: `NAME` and `VERSION_ID` of os-release on
//! Linux, the caption of the operating system on Windows.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::clock::Time;

/// How long an operating system is supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// Until this moment.
    Until(Time),
    /// No end is set.
    Open,
}

/// How much of a version tells releases apart.
#[derive(Clone, Copy)]
enum By {
    /// The part before the first dot.
    Major,
    /// The first two parts.
    Minor,
    /// Nothing: the release stands in the name.
    Name,
}

#[derive(Clone, Copy)]
enum Last {
    Day(Date),
    /// The vendor has not set a day.
    Open,
}

struct Family {
    /// What the reported name begins with, in small letters; the longest fitting one decides.
    names: &'static [&'static str],
    by: By,
    /// Release and end.
    ends: &'static [(&'static str, Last)],
}

/// The last day of support.
const fn day(year: i16, month: i8, day: i8) -> Last {
    Last::Day(jiff::civil::date(year, month, day))
}

static FAMILIES: &[Family] = &[
    // https://aws.amazon.com/amazon-linux-2/faqs/, https://docs.aws.amazon.com/linux/al2023/ug/release-cadence.html
    Family {
        names: &["amazon linux"],
        by: By::Major,
        ends: &[("2", day(2026, 6, 30)), ("2023", day(2029, 6, 30))],
    },
    // https://aws.amazon.com/amazon-linux-ami/faqs/: the end of maintenance, for every release of the first generation
    Family { names: &["amazon linux ami"], by: By::Name, ends: &[("", day(2023, 12, 31))] },
    // https://ubuntu.com/about/release-cycle
    Family {
        names: &["ubuntu"],
        by: By::Minor,
        ends: &[
            ("14.04", day(2019, 4, 2)),
            ("16.04", day(2021, 4, 2)),
            ("18.04", day(2023, 5, 31)),
            ("20.04", day(2025, 5, 31)),
            ("22.04", day(2027, 4, 1)),
            ("22.10", day(2023, 7, 20)),
            ("23.04", day(2024, 1, 20)),
            ("23.10", day(2024, 7, 12)),
            ("24.04", day(2029, 5, 31)),
            ("24.10", day(2025, 7, 10)),
            ("25.04", day(2026, 1, 17)),
            ("25.10", day(2026, 7, 1)),
            ("26.04", day(2031, 4, 30)),
        ],
    },
    // https://wiki.debian.org/DebianReleases
    Family {
        names: &["debian"],
        by: By::Major,
        ends: &[
            ("8", day(2018, 6, 17)),
            ("9", day(2020, 7, 18)),
            ("10", day(2022, 9, 10)),
            ("11", day(2024, 8, 14)),
            ("12", day(2026, 7, 11)),
            ("13", day(2028, 8, 9)),
        ],
    },
    // https://access.redhat.com/support/policy/updates/errata: the end of maintenance support
    Family {
        names: &["red hat enterprise linux", "rhel"],
        by: By::Major,
        ends: &[
            ("5", day(2017, 3, 31)),
            ("6", day(2020, 11, 30)),
            ("7", day(2024, 6, 30)),
            ("8", day(2029, 5, 31)),
            ("9", day(2032, 5, 31)),
            ("10", day(2035, 5, 31)),
        ],
    },
    // https://www.centos.org/centos-linux-eol/
    Family {
        names: &["centos"],
        by: By::Major,
        ends: &[
            ("5", day(2017, 3, 31)),
            ("6", day(2020, 11, 30)),
            ("7", day(2024, 6, 30)),
            ("8", day(2021, 12, 31)),
        ],
    },
    // https://www.centos.org/cl-vs-cs/#end-of-life
    Family {
        names: &["centos stream"],
        by: By::Major,
        ends: &[("8", day(2024, 5, 31)), ("9", day(2027, 5, 31)), ("10", day(2030, 5, 31))],
    },
    // https://wiki.rockylinux.org/rocky/version/, https://wiki.almalinux.org/release-notes/
    Family {
        names: &["rocky linux", "almalinux"],
        by: By::Major,
        ends: &[("8", day(2029, 5, 31)), ("9", day(2032, 5, 31)), ("10", day(2035, 5, 31))],
    },
    // https://www.oracle.com/a/ocom/docs/elsp-lifetime-069338.pdf: premier support
    Family {
        names: &["oracle linux"],
        by: By::Major,
        ends: &[
            ("6", day(2021, 3, 31)),
            ("7", day(2024, 12, 31)),
            ("8", day(2029, 7, 31)),
            ("9", day(2032, 6, 30)),
            ("10", Last::Open),
        ],
    },
    // https://www.suse.com/lifecycle: general support, by service pack
    Family {
        names: &["sles", "suse linux enterprise server"],
        by: By::Minor,
        ends: &[
            ("12.0", day(2016, 6, 30)),
            ("12.1", day(2017, 5, 31)),
            ("12.2", day(2018, 3, 31)),
            ("12.3", day(2019, 6, 30)),
            ("12.4", day(2020, 6, 30)),
            ("12.5", day(2024, 10, 31)),
            ("15.0", day(2019, 12, 31)),
            ("15.1", day(2021, 1, 31)),
            ("15.2", day(2021, 12, 31)),
            ("15.3", day(2022, 12, 31)),
            ("15.4", day(2023, 12, 31)),
            ("15.5", day(2024, 12, 31)),
            ("15.6", day(2025, 12, 31)),
            ("15.7", day(2031, 7, 31)),
            ("16.0", day(2027, 11, 30)),
        ],
    },
    // https://learn.microsoft.com/lifecycle/products/: the end of extended support
    Family {
        names: &["microsoft windows server", "windows server"],
        by: By::Name,
        ends: &[
            ("2003", day(2015, 7, 14)),
            ("2008", day(2020, 1, 14)),
            ("2012", day(2023, 10, 10)),
            ("2016", day(2027, 1, 12)),
            ("2019", day(2029, 1, 9)),
            ("2022", day(2031, 10, 14)),
            ("2025", day(2034, 11, 14)),
        ],
    },
];

/// The support of an operating system, if it is one that is known here.
pub fn of(name: &str, version: &str) -> Option<Support> {
    let name = name.trim().to_lowercase();
    let (prefix, family) = FAMILIES
        .iter()
        .flat_map(|family| family.names.iter().map(move |prefix| (*prefix, family)))
        .filter(|(prefix, _)| name.starts_with(prefix))
        .max_by_key(|(prefix, _)| prefix.len())?;
    let rest = name.strip_prefix(prefix).unwrap_or_default();
    let release = match family.by {
        By::Name => rest.split_whitespace().next().unwrap_or_default().to_owned(),
        By::Major => version.split('.').next().unwrap_or_default().to_owned(),
        By::Minor => {
            let mut parts = version.split('.');
            let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or("0"));
            format!("{major}.{minor}")
        }
    };
    let (_, last) = family.ends.iter().find(|(known, _)| *known == release)?;
    match last {
        Last::Open => Some(Support::Open),
        // Days are UTC and inclusive.
        Last::Day(day) => {
            let end = TimeZone::UTC.to_timestamp(day.at(23, 59, 59, 0)).ok()?;
            Some(Support::Until(Time(end)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_agents_report_is_found() {
        for (name, version, expected) in [
            ("Amazon Linux", "2", "2026-06-30"),
            ("Amazon Linux", "2023", "2029-06-30"),
            ("Amazon Linux AMI", "2018.03", "2023-12-31"),
            ("Ubuntu", "22.04", "2027-04-01"),
            ("Debian GNU/Linux", "12", "2026-07-11"),
            ("Red Hat Enterprise Linux Server", "7.9", "2024-06-30"),
            ("Red Hat Enterprise Linux", "8.6", "2029-05-31"),
            ("CentOS Linux", "8", "2021-12-31"),
            ("CentOS Stream", "8", "2024-05-31"),
            ("AlmaLinux", "9.4", "2032-05-31"),
            ("Oracle Linux Server", "8.9", "2029-07-31"),
            ("SLES", "15.5", "2024-12-31"),
            ("SLES", "15", "2019-12-31"),
            ("Microsoft Windows Server 2012 R2 Standard", "6.3.9600", "2023-10-10"),
            ("Microsoft Windows Server 2019 Datacenter", "10.0.17763", "2029-01-09"),
        ] {
            let Some(Support::Until(time)) = of(name, version) else { panic!("{name} {version}") };
            assert_eq!(time.to_string(), format!("{expected}T23:59:59Z"), "{name} {version}");
        }
        assert_eq!(of("Oracle Linux Server", "10.0"), Some(Support::Open));
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        for (name, version) in [
            ("Ubuntu", "99.04"),
            ("Amazon Linux", "2022"),
            ("macOS", "14.5"),
            ("Bottlerocket", "1.19.2"),
            ("Microsoft Windows Server", ""),
            ("", ""),
        ] {
            assert_eq!(of(name, version), None, "{name} {version}");
        }
    }
}
