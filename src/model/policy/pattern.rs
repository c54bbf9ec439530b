//! Patterns with `*` for any characters and `?` for one: matching, containment and overlap, as languages.

use std::collections::HashSet;

/// Steps after which containment gives up; real patterns take some hundred.
const STEPS_MAX: usize = 20_000;

/// What a pattern is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbol {
    /// Any characters, or none.
    Any,
    /// One character, whichever.
    One,
    /// This character.
    Is(char),
}

impl Symbol {
    /// What a character of a pattern stands for.
    pub fn of(c: char) -> Self {
        match c {
            '*' => Self::Any,
            '?' => Self::One,
            c => Self::Is(c),
        }
    }
}

fn symbols(pattern: &str) -> Vec<Symbol> {
    let mut out: Vec<Symbol> = Vec::with_capacity(pattern.len());
    for symbol in pattern.chars().map(Symbol::of) {
        if symbol != Symbol::Any || out.last() != Some(&Symbol::Any) {
            out.push(symbol);
        }
    }
    out
}

/// Whether a pattern matches the whole of a text, in which `*` and `?` stand for themselves.
pub fn matches(pattern: &str, text: &str) -> bool {
    matches_symbols(pattern.chars().map(Symbol::of), text)
}

/// As [`matches()`], for a pattern that is taken apart.
pub fn matches_symbols(pattern: impl Iterator<Item = Symbol> + Clone, text: &str) -> bool {
    // The greedy walk: on a mismatch only the last `*` needs to take one character more.
    let (mut p, mut t) = (pattern, text.chars());
    let mut retry = None;
    loop {
        match p.next() {
            Some(Symbol::Any) => {
                retry = Some((p.clone(), t.clone()));
                continue;
            }
            None if t.as_str().is_empty() => return true,
            wanted => {
                let c = t.next();
                let fits = match wanted {
                    Some(Symbol::One) => c.is_some(),
                    Some(Symbol::Is(own)) => c == Some(own),
                    _ => false,
                };
                if fits {
                    continue;
                }
            }
        }
        let Some((pattern, rest)) = &mut retry else { return false };
        if rest.next().is_none() {
            return false;
        }
        p = pattern.clone();
        t = rest.clone();
    }
}

/// Whether every text that `inner` can stand for is matched by `outer`; nothing when that would take too long to say.
pub fn contains(outer: &str, inner: &str) -> Option<bool> {
    let (outer, inner) = (symbols(outer), symbols(inner));
    let start = closed(&outer, vec![0]);
    let mut seen: HashSet<(usize, Vec<usize>)> = HashSet::new();
    let mut todo = vec![(0, start)];
    // Every reading of `inner` must be accepted, so one that is not decides.
    while let Some((at, states)) = todo.pop() {
        if !seen.insert((at, states.clone())) {
            continue;
        }
        if seen.len() > STEPS_MAX {
            return None;
        }
        match inner.get(at) {
            None if states.contains(&outer.len()) => {}
            None => return Some(false),
            Some(Symbol::Is(c)) => todo.push((at + 1, step(&outer, &states, Some(*c)))),
            // A character that occurs nowhere in `outer` is the hardest to match.
            Some(Symbol::One) => todo.push((at + 1, step(&outer, &states, None))),
            Some(Symbol::Any) => {
                todo.push((at, step(&outer, &states, None)));
                todo.push((at + 1, states));
            }
        }
    }
    Some(true)
}

/// The states of `outer` reached by one more character.
fn step(outer: &[Symbol], states: &[usize], c: Option<char>) -> Vec<usize> {
    let next = states.iter().filter_map(|&state| match outer.get(state)? {
        Symbol::Any => Some(state),
        Symbol::One => Some(state + 1),
        Symbol::Is(own) if Some(*own) == c => Some(state + 1),
        Symbol::Is(_) => None,
    });
    closed(outer, next.collect())
}

/// With the states that are reached without a character, sorted.
fn closed(outer: &[Symbol], mut states: Vec<usize>) -> Vec<usize> {
    let skipped: Vec<usize> =
        states.iter().filter(|&&s| outer.get(s) == Some(&Symbol::Any)).map(|s| s + 1).collect();
    states.extend(skipped);
    states.sort_unstable();
    states.dedup();
    states
}

/// Whether some text is matched by both patterns.
pub fn overlaps(a: &str, b: &str) -> bool {
    let (a, b) = (symbols(a), symbols(b));
    // reach[j]: the first i symbols of `a` and j of `b` can match the same text.
    let mut reach = vec![false; b.len() + 1];
    for i in 0..=a.len() {
        let previous = std::mem::replace(&mut reach, vec![false; b.len() + 1]);
        for j in 0..=b.len() {
            let (x, y) =
                (i.checked_sub(1).and_then(|i| a.get(i)), j.checked_sub(1).and_then(|j| b.get(j)));
            let up = i > 0 && previous.get(j) == Some(&true);
            let left = j.checked_sub(1).is_some_and(|j| reach.get(j) == Some(&true));
            let diagonal =
                i > 0 && j.checked_sub(1).is_some_and(|j| previous.get(j) == Some(&true));
            let here = match (x, y) {
                (None, None) => true,
                // `*` takes nothing, or one more symbol of the other side.
                (Some(Symbol::Any), _) | (_, Some(Symbol::Any)) => up || left,
                (Some(Symbol::Is(x)), Some(Symbol::Is(y))) => x == y && diagonal,
                (Some(_), Some(_)) => diagonal,
                _ => false,
            };
            if let Some(cell) = reach.get_mut(j) {
                *cell = here;
            }
        }
    }
    reach.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_matched() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("prod-*", "prod-a", true),
            ("prod-?", "prod-", false),
            ("*a*b", "xaxbxb", true),
            ("*a*b", "xaxbx", false),
            ("a", "ab", false),
            ("", "", true),
            ("?*", "é", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn containment_is_of_languages() {
        for (outer, inner, expected) in [
            ("*", "iam:PassRole", true),
            ("iam:*", "iam:Pass*", true),
            ("iam:Pass*", "iam:*", false),
            ("*", "*", true),
            ("?*", "*?", true),
            ("*?a", "*xa", true),
            ("??*", "?*", false),
            ("iam:*Role", "iam:PassRole", true),
            ("iam:?assRole", "iam:*assRole", false),
            ("*:*", "*", false),
            ("s3:Get*", "s3:GetObject?", true),
            ("", "", true),
            ("", "*", false),
        ] {
            assert_eq!(contains(outer, inner), Some(expected), "{outer} ⊇ {inner}");
        }
    }

    #[test]
    fn overlap_is_symmetric() {
        for (a, b, expected) in [
            ("iam:*", "*:PassRole", true),
            ("iam:*", "s3:*", false),
            ("a?c", "*b*", true),
            ("a*", "*a", true),
            ("ab", "a", false),
            ("*", "", true),
            ("?", "", false),
            ("x*y", "x?y", true),
        ] {
            assert_eq!(overlaps(a, b), expected, "{a} {b}");
            assert_eq!(overlaps(b, a), expected, "{b} {a}");
        }
    }

    #[test]
    fn nothing_explodes() {
        let (outer, inner) = ("*a".repeat(60), "?*".repeat(60));
        assert_ne!(contains(&outer, &inner), Some(true));
        assert!(overlaps(&outer, &inner));
        assert!(!matches(&"*a".repeat(500), &"ab".repeat(2000)));
    }
}
