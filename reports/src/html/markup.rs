//! HTML that cannot be wrong by accident: names of elements and attributes are the program's, everything else is
//! escaped. Nothing in here takes markup as text.
//!
//! What comes out is well-formed XML as well as HTML, so that a strict parser can check it.

use crate::text::is_invisible;
use std::borrow::Cow;

/// A piece of HTML.
#[derive(Debug, Default)]
pub(crate) struct Markup(String);

/// An attribute: its name and its value.
pub(crate) type Attribute<'a> = (&'static str, &'a str);

impl Markup {
    /// Adds an element with whatever `inner` adds.
    pub(crate) fn element(
        &mut self,
        name: &'static str,
        attributes: &[Attribute<'_>],
        inner: impl FnOnce(&mut Markup),
    ) -> &mut Markup {
        self.open(name, attributes);
        self.0.push('>');
        inner(self);
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
        self.break_after(name);
        self
    }

    /// Adds an element with a text.
    pub(crate) fn leaf(&mut self, name: &'static str, attributes: &[Attribute<'_>], text: &str) -> &mut Markup {
        self.element(name, attributes, |html| {
            html.text(text);
        })
    }

    /// Adds an element that has no content, as `meta` or SVG's `rect`.
    pub(crate) fn void(&mut self, name: &'static str, attributes: &[Attribute<'_>]) -> &mut Markup {
        self.open(name, attributes);
        self.0.push_str("/>");
        self.break_after(name);
        self
    }

    /// Adds a text. What cannot be seen, or would change the order of what can, is shown as a mark.
    pub(crate) fn text(&mut self, text: &str) -> &mut Markup {
        for c in text.chars() {
            match mark(c) {
                None => self.escaped(c),
                Some(mark) => {
                    self.0.push_str("<span class=\"mark\">");
                    self.0.push_str(&mark);
                    self.0.push_str("</span>");
                }
            }
        }
        self
    }

    /// Adds a link, or the text alone where the address is none of the web: a suite may come from anywhere.
    pub(crate) fn link(&mut self, address: &str, text: &str) -> &mut Markup {
        if address.starts_with("https://") || address.starts_with("http://") {
            self.leaf("a", &[("href", address), ("rel", "noreferrer")], text)
        } else {
            self.text(text)
        }
    }

    /// Adds what is written into the program itself, as it is: the style sheet.
    pub(super) fn own(&mut self, text: &'static str) -> &mut Markup {
        self.0.push_str(text);
        self
    }

    /// Returns how many bytes there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the text of the piece.
    pub(crate) fn into_text(self) -> String {
        self.0
    }

    fn open(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.0.push('<');
        self.0.push_str(name);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            for c in value.chars() {
                match mark(c) {
                    // A parser of XML would make it a space.
                    None if c == '\n' || c == '\t' => self.0.push(' '),
                    None => self.escaped(c),
                    Some(mark) => self.0.push_str(&mark),
                }
            }
            self.0.push('"');
        }
    }

    /// Begins another line of the source where that changes nothing of what is shown.
    fn break_after(&mut self, name: &str) {
        if !INLINE.contains(&name) {
            self.0.push('\n');
        }
    }

    fn escaped(&mut self, c: char) {
        match c {
            '<' => self.0.push_str("&lt;"),
            '>' => self.0.push_str("&gt;"),
            '&' => self.0.push_str("&amp;"),
            '"' => self.0.push_str("&quot;"),
            '\'' => self.0.push_str("&#39;"),
            _ => self.0.push(c),
        }
    }
}

/// Returns what is shown instead of a character: the name of a control, the code point of what is invisible.
///
/// Unicode has pictures of controls, but the fonts of many browsers have not.
fn mark(c: char) -> Option<Cow<'static, str>> {
    match c {
        '\n' | '\t' => None,
        '\0'..='\x1F' => CONTROLS.split(' ').nth(c as usize).map(Into::into),
        '\x7F' => Some("DEL".into()),
        _ if is_invisible(c) => Some(format!("U+{:04X}", u32::from(c)).into()),
        _ => None,
    }
}

/// What ASCII calls its controls, in order.
const CONTROLS: &str = "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI \
                        DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US";

/// The elements that stand in the middle of a line.
const INLINE: [&str; 11] = ["a", "b", "br", "code", "del", "i", "ins", "mark", "span", "strong", "time"];

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut html = Markup::default();
        html.text(text);
        html.into_text()
    }

    #[test]
    fn texts_and_values_are_escaped() {
        let hostile = "\"'><script>alert(1)</script>&amp;\n";
        let mut html = Markup::default();
        html.leaf("p", &[("title", hostile)], hostile).void("br", &[]);
        let text = html.into_text();
        assert_eq!(text.matches('<').count(), 3, "{text}");
        assert!(text.contains("&amp;amp;") && !text.contains("'>") && text.ends_with("</p>\n<br/>"), "{text}");
    }

    #[test]
    fn what_cannot_be_seen_is_shown() {
        assert_eq!(shown("a\u{202e}b"), "a<span class=\"mark\">U+202E</span>b");
        assert_eq!(shown("\x1b[31m"), "<span class=\"mark\">ESC</span>[31m");
        assert_eq!(shown("\0\u{7f}\u{9b}\r").matches("mark").count(), 4);
        assert_eq!(shown("one\ntwo\tÄ 漢"), "one\ntwo\tÄ 漢");
    }

    #[test]
    fn only_addresses_of_the_web_become_links() {
        let mut html = Markup::default();
        html.link("javascript:alert(1)", "a").link("https://x.test/?a=1&b", "b");
        assert_eq!(html.into_text(), "a<a href=\"https://x.test/?a=1&amp;b\" rel=\"noreferrer\">b</a>");
    }
}
