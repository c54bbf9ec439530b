//! Addresses: `module.a["x"].module.b[0].aws_vpc.main["k"]`.

/// A step of an address of a module: its name, and the key of the instance as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step<'t> {
    pub(super) name: &'t str,
    pub(super) key: Option<&'t str>,
}

/// The steps of a module's address; empty for the root module.
pub(super) fn modules(address: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let mut parts = split(address).into_iter();
    while let Some("module") = parts.next() {
        let Some(part) = parts.next() else { break };
        let (name, key) = indexed(part);
        steps.push(Step { name, key });
    }
    steps
}

/// Splits at dots that are outside of brackets and quotes.
pub(super) fn split(address: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut from, mut depth, mut quoted, mut escaped) = (0, 0_usize, false, false);
    for (at, byte) in address.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' if !quoted => depth += 1,
            b']' if !quoted => depth = depth.saturating_sub(1),
            b'.' if !quoted && depth == 0 => {
                out.extend(address.get(from..at));
                from = at + 1;
            }
            _ => {}
        }
    }
    out.extend(address.get(from..));
    out
}

/// A name, and the key in brackets behind it.
pub(super) fn indexed(part: &str) -> (&str, Option<&str>) {
    match part.split_once('[') {
        Some((name, rest)) => (name, Some(rest.strip_suffix(']').unwrap_or(rest))),
        None => (part, None),
    }
}

/// Keys are written alike in addresses and in JSON: `0`, `"a"`.
pub(super) fn key_of(index: Option<&serde_json::value::RawValue>) -> Option<&str> {
    index.map(serde_json::value::RawValue::get).filter(|text| *text != "null")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_may_hold_anything() {
        let steps = modules(r#"module.a["x.y[\"]"].module.b[0].module.c"#);
        let keys: Vec<_> = steps.iter().map(|step| (step.name, step.key)).collect();
        assert_eq!(keys, [("a", Some(r#""x.y[\"]""#)), ("b", Some("0")), ("c", None)]);
        assert!(modules("").is_empty());
        assert_eq!(split("aws_vpc.main[\"a.b\"].id"), ["aws_vpc", "main[\"a.b\"]", "id"]);
    }
}
