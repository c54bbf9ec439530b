//! Texts that a pattern matches.

/// How many texts are made of one pattern at most.
const MOST: usize = 512;

/// The texts that a pattern becomes when each of its `*` is one of `fills`; `?` becomes `x`. Beyond three, stars are
/// filled alike, and beyond [`MOST`] texts the rest is left out.
pub(super) fn expand(pattern: &str, fills: &[&str]) -> Vec<String> {
    let pieces: Vec<String> = pattern.split('*').map(|piece| piece.replace('?', "x")).collect();
    let Some((first, rest)) = pieces.split_first() else { return Vec::new() };
    if rest.len() > 3 {
        return fills.iter().map(|fill| pieces.join(fill)).collect();
    }
    let mut out = vec![first.clone()];
    for piece in rest {
        let longer =
            out.iter().flat_map(|text| fills.iter().map(move |f| format!("{text}{f}{piece}")));
        out = longer.take(MOST).collect();
    }
    out
}

/// Whether a text holds a wildcard.
pub(super) fn is_wild(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// The text before the first wildcard.
pub(super) fn literal(text: &str) -> &str {
    text.split(['*', '?']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_take_every_filling() {
        assert_eq!(expand("a*b?", &["", "-"]), ["abx", "a-bx"]);
        assert_eq!(expand("*:*", &["1", "2"]), ["1:1", "1:2", "2:1", "2:2"]);
        assert_eq!(expand("plain", &["1"]), ["plain"]);
        assert_eq!(expand("****", &["1", "2"]), ["1111", "2222"]);
        assert!(expand("*a*b*", &["1", "2", "3", "4", "5", "6", "7", "8", "9"]).len() <= MOST);
    }
}
