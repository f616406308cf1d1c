//! HTML that cannot be wrong by accident: names of elements and attributes are the program's, everything else is
//! escaped. Nothing in here takes markup as text.

/// A piece of HTML.
#[derive(Debug, Default)]
pub(super) struct Html(String);

/// An attribute: its name and its value.
pub(super) type Attribute<'a> = (&'static str, &'a str);

impl Html {
    /// Returns an empty piece.
    pub(super) fn new() -> Html {
        Html::default()
    }

    /// Adds an element with whatever `inner` adds.
    pub(super) fn element(
        &mut self,
        name: &'static str,
        attributes: &[Attribute<'_>],
        inner: impl FnOnce(&mut Html),
    ) -> &mut Html {
        self.void(name, attributes);
        inner(self);
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
        self
    }

    /// Adds an element with a text.
    pub(super) fn leaf(&mut self, name: &'static str, attributes: &[Attribute<'_>], text: &str) -> &mut Html {
        self.element(name, attributes, |html| {
            html.text(text);
        })
    }

    /// Adds an element that has no end tag. An attribute without a value is one whose value is the empty text.
    pub(super) fn void(&mut self, name: &'static str, attributes: &[Attribute<'_>]) -> &mut Html {
        self.0.push('<');
        self.0.push_str(name);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            for letter in value.chars() {
                match mark(letter) {
                    None => self.escaped(letter),
                    // What a form sends back has to be what it was given.
                    Some(_) if *name == "value" => self.0.push_str(&format!("&#{};", u32::from(letter).max(1))),
                    Some(mark) => self.0.push_str(&mark),
                }
            }
            self.0.push('"');
        }
        self.0.push('>');
        self
    }

    /// Adds a link to a page of the console.
    pub(super) fn link(&mut self, href: &str, text: &str) -> &mut Html {
        self.leaf("a", &[("href", href)], text)
    }

    /// Adds a text. What cannot be seen, or would change the order of what can, is shown as a mark.
    pub(super) fn text(&mut self, text: &str) -> &mut Html {
        for letter in text.chars() {
            match mark(letter) {
                None => self.escaped(letter),
                Some(mark) => {
                    self.0.push_str("<span class=\"mark\">");
                    self.0.push_str(&mark);
                    self.0.push_str("</span>");
                }
            }
        }
        self
    }

    /// Adds another piece.
    pub(super) fn push(&mut self, other: &Html) -> &mut Html {
        self.0.push_str(&other.0);
        self
    }

    /// Returns the text of the document.
    pub(super) fn into_document(self) -> String {
        format!("<!doctype html>{}", self.0)
    }

    /// Returns the text of the piece.
    pub(super) fn into_text(self) -> String {
        self.0
    }

    fn escaped(&mut self, letter: char) {
        match letter {
            '<' => self.0.push_str("&lt;"),
            '>' => self.0.push_str("&gt;"),
            '&' => self.0.push_str("&amp;"),
            '"' => self.0.push_str("&quot;"),
            '\'' => self.0.push_str("&#39;"),
            // A parser drops or replaces it in a way that hides that it was there.
            '\0' => self.0.push('\u{2400}'),
            _ => self.0.push(letter),
        }
    }
}

/// Returns what is shown instead of a letter: the picture of a control character, the code point of what is invisible.
fn mark(letter: char) -> Option<String> {
    match letter {
        '\n' | '\t' => None,
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(letter)).map(String::from),
        '\x7f' => Some('\u{2421}'.to_string()),
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => Some(format!("U+{:04X}", u32::from(letter))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_values_are_escaped() {
        let mut html = Html::new();
        let hostile = "\"'><script>alert(1)</script>&amp;";
        html.leaf("p", &[("title", hostile)], hostile);
        let text = html.into_text();
        assert!(!text.contains("<script") && !text.contains("'>"), "{text}");
        assert_eq!(text.matches('<').count(), 2, "{text}");
        assert!(text.contains("&amp;amp;"), "{text}");
    }

    #[test]
    fn a_form_sends_back_what_it_was_given() {
        let mut html = Html::new();
        html.void("input", &[("value", "a\u{202e}b"), ("placeholder", "a\u{202e}b")]);
        assert_eq!(html.into_text(), "<input value=\"a&#8238;b\" placeholder=\"aU+202Eb\">");
    }

    #[test]
    fn what_cannot_be_seen_is_shown() {
        let shown = |text: &str| {
            let mut html = Html::new();
            html.text(text);
            html.into_text()
        };
        assert_eq!(shown("a\u{202e}b"), "a<span class=\"mark\">U+202E</span>b");
        assert_eq!(shown("\x1b[31m"), "<span class=\"mark\">\u{241b}</span>[31m");
        assert_eq!(shown("\0\u{7f}\u{9b}").matches("mark").count(), 3);
        assert_eq!(shown("one\ntwo\tÄ 漢 👩‍🔬"), "one\ntwo\tÄ 漢 👩‍🔬");
    }
}
