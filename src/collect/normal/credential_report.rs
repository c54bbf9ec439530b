//! The credentials report of IAM: a CSV with a line per user and one for root.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>.

use std::collections::HashMap;

use super::time;
use crate::clock::Time;
use crate::model::Attr;
use crate::model::attr::CauseKind;
use crate::model::iam::AccessKey;
use crate::model::iam_account::CredentialReportRow;

/// No account has more users (the quota is 5 000), so a longer report is something else.
const MAX_ROWS: usize = 100_000;

/// The lines of a report, each with the ARN it is about.
///
/// # Errors
/// When the text is no such report.
pub fn credential_report(
    text: &str,
    generated: Option<Time>,
) -> Result<Vec<(String, CredentialReportRow)>, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| e.to_string())?.clone();
    let columns: HashMap<String, usize> =
        header.iter().enumerate().map(|(at, name)| (name.trim().to_owned(), at)).collect();
    for needed in ["user", "arn", "password_enabled", "mfa_active", "access_key_1_active"] {
        if !columns.contains_key(needed) {
            return Err(format!("no credentials report of IAM: it has no column `{needed}`"));
        }
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| e.to_string())?;
        if rows.len() == MAX_ROWS {
            return Err(format!("a credentials report of more than {MAX_ROWS} lines"));
        }
        let line = Line { columns: &columns, record: &record };
        let arn = line.text("arn").unwrap_or_default();
        rows.push((arn, row(&line, generated)));
    }
    Ok(rows)
}

/// The access keys that a line tells of, with the ids they get: the report does not print key ids.
pub fn access_keys(row: &CredentialReportRow) -> Vec<(String, AccessKey)> {
    let Some(user) = row.user.known() else { return Vec::new() };
    let slots = [
        (
            1,
            &row.access_key_1_active,
            &row.access_key_1_last_rotated,
            &row.access_key_1_last_used_date,
            &row.access_key_1_last_used_region,
            &row.access_key_1_last_used_service,
        ),
        (
            2,
            &row.access_key_2_active,
            &row.access_key_2_last_rotated,
            &row.access_key_2_last_used_date,
            &row.access_key_2_last_used_region,
            &row.access_key_2_last_used_service,
        ),
    ];
    let mut keys = Vec::new();
    for (number, active, rotated, used, region, service) in slots {
        // A slot without a key is inactive and was never set.
        let Some(created) = rotated.known().copied().flatten() else { continue };
        let key = AccessKey {
            user_name: user.clone().into(),
            status: active
                .clone()
                .map(|on| if on { "Active".to_owned() } else { "Inactive".to_owned() }),
            create_date: created.into(),
            last_used_date: used.clone(),
            last_used_service: service.clone(),
            last_used_region: region.clone(),
        };
        keys.push((format!("{user}/access_key_{number}"), key));
    }
    keys
}

struct Line<'a> {
    columns: &'a HashMap<String, usize>,
    record: &'a csv::StringRecord,
}

impl Line<'_> {
    /// The text of a column; absent when it says so or is not there.
    fn text(&self, column: &str) -> Option<String> {
        let text = self.raw(column)?;
        let absent = matches!(text, "" | "N/A" | "no_information" | "not_supported" | "null");
        (!absent).then(|| text.to_owned())
    }

    fn raw(&self, column: &str) -> Option<&str> {
        self.record.get(*self.columns.get(column)?).map(str::trim)
    }

    fn flag(&self, column: &str) -> Attr<bool> {
        match self.raw(column).map(str::to_ascii_lowercase).as_deref() {
            Some("true") => true.into(),
            Some("false") => false.into(),
            Some(other) => {
                let shown: String = other.chars().take(40).collect();
                Attr::unknown(CauseKind::NotUnderstood, format!("`{column}` is `{shown}`"))
            }
            None => Attr::default(),
        }
    }

    fn maybe_flag(&self, column: &str) -> Attr<Option<bool>> {
        match self.text(column) {
            None => None.into(),
            Some(_) => self.flag(column).map(Some),
        }
    }

    fn time(&self, column: &str) -> Attr<Option<Time>> {
        if !self.columns.contains_key(column) {
            return Attr::default();
        }
        match self.text(column) {
            None => None.into(),
            Some(text) => {
                if let Some(time) = time(&text) {
                    return Some(time).into();
                }
                let shown: String = text.chars().take(40).collect();
                Attr::unknown(CauseKind::NotUnderstood, format!("`{column}` is `{shown}`"))
            }
        }
    }

    fn words(&self, column: &str) -> Attr<Option<String>> {
        if self.columns.contains_key(column) { self.text(column).into() } else { Attr::default() }
    }
}

fn row(line: &Line<'_>, generated: Option<Time>) -> CredentialReportRow {
    let user = line.text("user").unwrap_or_default();
    CredentialReportRow {
        root: (user == "<root_account>").into(),
        user: user.into(),
        generated_time: generated.into(),
        user_creation_time: line.time("user_creation_time"),
        password_enabled: line.maybe_flag("password_enabled"),
        password_last_used: line.time("password_last_used"),
        password_last_changed: line.time("password_last_changed"),
        password_next_rotation: line.time("password_next_rotation"),
        mfa_active: line.flag("mfa_active"),
        access_key_1_active: line.flag("access_key_1_active"),
        access_key_1_last_rotated: line.time("access_key_1_last_rotated"),
        access_key_1_last_used_date: line.time("access_key_1_last_used_date"),
        access_key_1_last_used_region: line.words("access_key_1_last_used_region"),
        access_key_1_last_used_service: line.words("access_key_1_last_used_service"),
        access_key_2_active: line.flag("access_key_2_active"),
        access_key_2_last_rotated: line.time("access_key_2_last_rotated"),
        access_key_2_last_used_date: line.time("access_key_2_last_used_date"),
        access_key_2_last_used_region: line.words("access_key_2_last_used_region"),
        access_key_2_last_used_service: line.words("access_key_2_last_used_service"),
        cert_1_active: line.flag("cert_1_active"),
        cert_1_last_rotated: line.time("cert_1_last_rotated"),
        cert_2_active: line.flag("cert_2_active"),
        cert_2_last_rotated: line.time("cert_2_last_rotated"),
        additional_credentials_info: line.text("additional_credentials_info").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "\
user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated
<root_account>,arn:aws:iam::111122223333:root,2020-01-01T00:00:00+00:00,not_supported,no_information,not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A
ann,arn:aws:iam::111122223333:user/ann,2021-01-01T00:00:00+00:00,true,2026-01-01T00:00:00+00:00,2021-01-01T00:00:00+00:00,N/A,false,true,2021-02-01T00:00:00+00:00,N/A,N/A,N/A,false,2022-02-01T00:00:00+00:00,2023-02-01T00:00:00+00:00,us-east-1,s3,false,N/A,false,N/A
";

    #[test]
    fn lines_and_keys_are_read() {
        let rows = credential_report(REPORT, None).unwrap();
        let root = &rows[0].1;
        assert_eq!(root.root.known(), Some(&true));
        assert_eq!(root.password_enabled.known(), Some(&None));
        assert!(access_keys(root).is_empty());
        let ann = &rows[1].1;
        assert_eq!(ann.mfa_active.known(), Some(&false));
        let keys = access_keys(ann);
        assert_eq!(keys.len(), 2);
        assert_eq!(keys[0].0, "ann/access_key_1");
        assert_eq!(keys[1].1.status.known().unwrap(), "Inactive");
        assert_eq!(keys[1].1.last_used_service.known().unwrap().as_deref(), Some("s3"));
    }

    #[test]
    fn other_tables_are_refused() {
        assert!(credential_report("a,b\n1,2\n", None).unwrap_err().contains("column `user`"));
    }
}
