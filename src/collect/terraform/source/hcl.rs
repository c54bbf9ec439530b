//! Headers of blocks in HCL: just enough of the language to know what is text, what is a comment, and where a block ends.

use super::{Found, Scanned};

/// So many braces and quotes may be open at once; nobody nests a tenth of that.
const OPEN_MAX: usize = 4_096;

/// Finds the blocks of a file. Text that is no HCL gives what can be made out.
pub(super) fn scan(text: &str) -> Scanned {
    let mut scan = Scan {
        text: text.as_bytes(),
        at: 0,
        line: 1,
        open: Vec::new(),
        header: Vec::new(),
        header_line: 0,
        above: Vec::new(),
        current: None,
        attribute: Attribute::None,
        fresh: true,
        out: Scanned::default(),
    };
    scan.run();
    if let Some(mut block) = scan.current.take() {
        block.lines.1 = scan.line;
        scan.out.blocks.push(block);
    }
    scan.out.stray.append(&mut scan.above);
    scan.out.stray.sort();
    scan.out
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// A block, an object, or what is inserted into a text.
    Brace,
    /// A text between quotes.
    Text,
}

/// How much of `source = "…"` was seen, at the top of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attribute {
    None,
    Name,
    Equals,
}

struct Scan<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
    open: Vec<Open>,
    /// Words of what may become a header, outside of all blocks.
    header: Vec<String>,
    header_line: u64,
    /// Comments that stand above what comes next, each on a line of its own.
    above: Vec<(u64, String)>,
    current: Option<Found>,
    attribute: Attribute,
    /// Whether nothing but space stands before this on its line.
    fresh: bool,
    out: Scanned,
}

impl Scan<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn run(&mut self) {
        while self.at < self.text.len() && self.open.len() < OPEN_MAX {
            let byte = self.peek(0);
            if self.open.last() == Some(&Open::Text) {
                self.in_text(byte);
                continue;
            }
            match (byte, self.peek(1)) {
                (b'\n', _) => self.newline(),
                (b' ' | b'\t' | b'\r', _) => self.at += 1,
                (b'#', _) => self.line_comment(1),
                (b'/', b'/') => self.line_comment(2),
                (b'/', b'*') => self.long_comment(),
                (b'"', _) => self.quoted(),
                (b'<', b'<') if self.heredoc() => {}
                (b'{', _) => self.brace(),
                (b'}', _) => self.unbrace(),
                (byte, _) if is_word(byte) => self.word(),
                (byte, _) => {
                    self.fresh = false;
                    self.attribute = match (self.attribute, byte) {
                        (Attribute::Name, b'=') => Attribute::Equals,
                        _ => Attribute::None,
                    };
                    self.header.clear();
                    self.at += 1;
                }
            }
        }
    }

    fn newline(&mut self) {
        self.at += 1;
        self.line += 1;
        self.fresh = true;
        self.attribute = Attribute::None;
        if self.open.is_empty() {
            self.header.clear();
        }
    }

    /// Within quotes: a backslash takes the next byte with it, `${` and `%{` open what is inserted unless doubled.
    fn in_text(&mut self, byte: u8) {
        match (byte, self.peek(1), self.peek(2)) {
            (b'\\', b'\n', _) => self.at += 1,
            (b'\\', _, _) => self.at += 2,
            (b'"', _, _) => {
                self.open.pop();
                self.at += 1;
            }
            (b'$', b'$', b'{') | (b'%', b'%', b'{') => self.at += 3,
            (b'$' | b'%', b'{', _) => {
                self.open.push(Open::Brace);
                self.at += 2;
            }
            // A quoted text ends with its line: whatever was meant, the next line is read afresh.
            (b'\n', _, _) => {
                self.open.pop();
            }
            _ => self.at += 1,
        }
    }

    /// A text: as a label or a module's source when it is a plain one, else opened to be passed over.
    fn quoted(&mut self) {
        self.fresh = false;
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        let length = rest.iter().position(|b| matches!(b, b'"' | b'\n' | b'\\' | b'$' | b'%'));
        let plain = length.filter(|n| rest.get(*n) == Some(&b'"'));
        let Some(length) = plain else {
            self.header.clear();
            self.attribute = Attribute::None;
            self.open.push(Open::Text);
            self.at += 1;
            return;
        };
        let text = String::from_utf8_lossy(rest.get(..length).unwrap_or_default()).into_owned();
        self.at += length + 2;
        if self.open.is_empty() {
            if !self.header.is_empty() {
                self.header.push(text);
            }
        } else if self.attribute == Attribute::Equals
            && let Some(block) = &mut self.current
        {
            block.source = Some(text);
        }
        self.attribute = Attribute::None;
    }

    fn word(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|b| !is_word(*b)).unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or_default();
        if self.open.is_empty() {
            if self.header.is_empty() {
                self.header_line = self.line;
            }
            self.header.push(String::from_utf8_lossy(word).into_owned());
        }
        let first = self.fresh && self.open.len() == 1;
        self.attribute = if first && word == b"source" { Attribute::Name } else { Attribute::None };
        self.fresh = false;
        self.at += length;
    }

    fn brace(&mut self) {
        if self.open.is_empty() && !self.header.is_empty() {
            let mut words = std::mem::take(&mut self.header).into_iter();
            let comments = self.right_above();
            self.current = Some(Found {
                kind: words.next().unwrap_or_default(),
                labels: words.collect(),
                lines: (self.header_line, self.line),
                source: None,
                comments,
            });
        }
        self.open.push(Open::Brace);
        self.at += 1;
        // `{` may be followed by an attribute on the same line.
        self.fresh = true;
        self.attribute = Attribute::None;
    }

    fn unbrace(&mut self) {
        self.open.pop();
        self.at += 1;
        self.fresh = false;
        if self.open.is_empty()
            && let Some(mut block) = self.current.take()
        {
            block.lines.1 = self.line;
            self.out.blocks.push(block);
        }
    }

    /// The comments whose lines lead up to the header without a gap; those before them belong to nothing.
    fn right_above(&mut self) -> Vec<(u64, String)> {
        let mut own = Vec::new();
        let mut next = self.header_line;
        while let Some((line, text)) = self.above.pop() {
            if line + 1 != next {
                self.above.push((line, text));
                break;
            }
            next = line;
            own.push((line, text));
        }
        self.out.stray.append(&mut self.above);
        own.reverse();
        own
    }

    fn comment(&mut self, line: u64, text: &[u8]) {
        let text = String::from_utf8_lossy(text).trim().to_owned();
        match &mut self.current {
            Some(block) => block.comments.push((line, text)),
            None if self.fresh => self.above.push((line, text)),
            None => self.out.stray.push((line, text)),
        }
    }

    fn line_comment(&mut self, marker: usize) {
        let rest = self.text.get(self.at + marker..).unwrap_or_default();
        let length = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        self.comment(self.line, rest.get(..length).unwrap_or_default());
        self.at += marker + length;
    }

    fn long_comment(&mut self) {
        let rest = self.text.get(self.at + 2..).unwrap_or_default();
        let length = rest.windows(2).position(|pair| pair == b"*/");
        let (inside, whole) = match length {
            Some(n) => (rest.get(..n).unwrap_or_default(), n + 4),
            None => (rest, rest.len() + 2),
        };
        let mut last = self.line;
        for (n, line) in (self.line..).zip(inside.split(|b| *b == b'\n')) {
            let start = line.iter().position(|b| !matches!(b, b' ' | b'\t' | b'*'));
            self.comment(n, start.and_then(|start| line.get(start..)).unwrap_or_default());
            last = n;
        }
        self.line = last;
        self.at += whole;
    }

    /// Passes over `<<EOT` up to the line that ends it; false when this is none.
    fn heredoc(&mut self) -> bool {
        let rest = self.text.get(self.at + 2..).unwrap_or_default();
        let rest = rest.strip_prefix(b"-").unwrap_or(rest);
        let length = rest.iter().position(|b| !is_word(*b)).unwrap_or(rest.len());
        let marker = rest.get(..length).unwrap_or_default();
        let after = rest.get(length..).unwrap_or_default();
        let after = after.strip_prefix(b"\r").unwrap_or(after);
        if marker.is_empty() || !after.starts_with(b"\n") {
            return false;
        }
        self.at = self.text.len() - after.len() + 1;
        self.line += 1;
        self.fresh = false;
        self.attribute = Attribute::None;
        while self.at < self.text.len() {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let length = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
            let line = rest.get(..length).unwrap_or_default();
            self.at += length;
            if line.trim_ascii() == marker {
                // Its line feed ends what stands before the text.
                return true;
            }
            if self.at < self.text.len() {
                self.at += 1;
                self.line += 1;
            }
        }
        true
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brief(text: &str) -> Vec<String> {
        let words = scan(text).blocks.into_iter().map(|block| {
            let (first, last) = block.lines;
            let source = block.source.map(|source| format!(" <{source}>")).unwrap_or_default();
            let comments: Vec<_> =
                block.comments.iter().map(|(line, text)| format!(" #{line} {text}")).collect();
            format!(
                "{} {} {first}-{last}{source}{}",
                block.kind,
                block.labels.join("."),
                comments.concat()
            )
        });
        words.collect()
    }

    #[test]
    fn braces_in_texts_comments_and_heredocs_are_none() {
        let text = r#"
resource "a" "one" {
  x = "} ${ { a = "}" }["a"] } $${ %{ if true }}%{ endif }"
  # }
  // }
  /* } 
     } */
  y = <<-EOT
    } resource "a" "no" {
    ${ x }
  EOT
  z = <<EOT
}
EOT
  nested { k = { } }
}
resource "a" "two" { source = "x" }
locals { a = 1 << 2 }
"#;
        assert_eq!(
            brief(text),
            [
                "resource a.one 2-16 #4 } #5 } #6 } #7 }",
                "resource a.two 17-17 <x>",
                "locals  18-18",
            ]
        );
    }

    #[test]
    fn the_source_of_a_module_is_its_own() {
        let text = "module \"m\" {\n  providers = {\n    source = \"no\"\n  }\n  source = \"./m\"\n  other = source == \"x\" ? 1 : 2\n}\n";
        assert_eq!(brief(text), ["module m 1-7 <./m>"]);
        assert_eq!(brief("module \"m\" {\n  source = \"./${x}\"\n}"), ["module m 1-3"]);
    }

    #[test]
    fn comments_right_above_belong_to_the_block() {
        let text = "# far\n\n# near\n// nearer\nresource \"a\" \"b\" {\n  # in\n} # behind\n# after\n\nresource \"a\" \"c\" {}\n";
        assert_eq!(brief(text), ["resource a.b 5-7 #3 near #4 nearer #6 in", "resource a.c 10-10"]);
        let stray: Vec<_> = scan(text).stray.into_iter().map(|(line, _)| line).collect();
        assert_eq!(stray, [1, 7, 8]);
    }

    #[test]
    fn what_is_no_hcl_ends() {
        for text in [
            "",
            "{",
            "}",
            "\"",
            "\"${\"${",
            "<<",
            "<<E",
            "<<E\n",
            "/*",
            "\\",
            "resource \"",
            "a \"b\" {\n\"x\ny }",
        ] {
            scan(text);
        }
        scan(&"\"${".repeat(100_000));
        scan(&"{".repeat(100_000));
        assert_eq!(
            brief("resource \"a\" \"b\" {\n x = \"open\n}\nresource \"a\" \"c\" {}"),
            ["resource a.b 1-3", "resource a.c 4-4",]
        );
        assert_eq!(brief("resource \"a\" \"b\"\r\n{\r\n}\r\n"), Vec::<String>::new());
        assert_eq!(brief("resource \"ä\" \"b\" {\r\n}\r\n"), ["resource ä.b 1-2"]);
    }
}
