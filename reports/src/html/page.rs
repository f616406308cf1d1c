//! The frame of a page: one file that needs nothing else, runs nothing, and looks right on paper and in the dark.
//!
//! The policy in its head allows the page's own style, by hash, and nothing more: should markup from outside ever get
//! past the escaping, it could neither run, nor load, nor send anything. What a page says is its caller's.

use super::markup::Markup;

/// What a page has beside its content.
pub(crate) struct Page<'a> {
    /// The title of the document.
    pub(crate) title: &'a str,
    /// What the page is, behind the program's name: `Conformance report`.
    pub(crate) kind: &'a str,
    /// The sections that can be jumped to: id, name, and a count where one is of interest.
    pub(crate) sections: &'a [Section],
    /// The last line.
    pub(crate) foot: &'a str,
}

/// A section that can be jumped to.
pub(crate) struct Section {
    /// The id of its element.
    pub(crate) id: &'static str,
    /// What it is called.
    pub(crate) name: &'static str,
    /// How many things are in it, if that is of interest.
    pub(crate) count: Option<usize>,
}

impl Page<'_> {
    /// Returns the whole document around what `content` adds.
    pub(crate) fn document(&self, content: impl FnOnce(&mut Markup)) -> String {
        let mut html = Markup::default();
        html.element("html", &[("lang", "en")], |html| {
            html.element("head", &[], |html| self.head(html));
            html.element("body", &[], |html| {
                html.leaf("a", &[("class", "jump"), ("href", "#main")], "Skip to the content");
                html.element("header", &[("class", "top")], |html| self.top(html));
                html.element("main", &[("id", "main"), ("tabindex", "-1")], content);
                html.element("footer", &[("class", "foot")], |html| {
                    html.leaf("p", &[], self.foot);
                });
            });
        });
        format!("<!DOCTYPE html>\n{}\n", html.into_text())
    }

    fn head(&self, html: &mut Markup) {
        html.void("meta", &[("charset", "utf-8")]);
        html.void("meta", &[("http-equiv", "Content-Security-Policy"), ("content", &policy())]);
        html.void("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
        html.void("meta", &[("name", "color-scheme"), ("content", "light dark")]);
        html.void("meta", &[("name", "referrer"), ("content", "no-referrer")]);
        html.void("meta", &[("name", "robots"), ("content", "noindex")]);
        html.leaf("title", &[], self.title);
        html.element("style", &[], |html| {
            html.own(STYLE);
        });
    }

    fn top(&self, html: &mut Markup) {
        html.element("p", &[("class", "name")], |html| {
            html.leaf("span", &[("class", "dot"), ("aria-hidden", "true")], "");
            html.leaf("strong", &[], "Rehearsal").text(" ").leaf("span", &[("class", "quiet")], self.kind);
        });
        html.element("nav", &[("aria-label", "Sections")], |html| {
            html.element("ul", &[], |html| self.sections.iter().for_each(|section| section.item(html)));
        });
    }
}

impl Section {
    fn item(&self, html: &mut Markup) {
        html.element("li", &[], |html| {
            html.element("a", &[("href", &format!("#{}", self.id))], |html| {
                html.text(self.name);
                if let Some(count) = self.count {
                    html.text(" ").leaf("span", &[("class", "count")], &crate::text::grouped(count));
                }
            });
        });
    }
}

/// Returns what the browser may do with the page: apply the page's own style.
fn policy() -> String {
    format!("default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'", STYLE_HASH.trim())
}

/// The look of every page.
const STYLE: &str = include_str!("style.css");
/// The SHA-256 of the style in Base64.
const STYLE_HASH: &str = include_str!("style.sha256");

#[cfg(test)]
mod tests {
    use super::*;
    use base64::prelude::*;
    use ring::digest::{SHA256, digest};

    #[test]
    fn the_policy_names_the_style_as_it_is() {
        let hash = BASE64_STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/html/style.sha256");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(path, format!("{hash}\n")).expect("the hash can be written");
        }
        let found = std::fs::read_to_string(path).expect("the hash is in the tree");
        assert_eq!(found.trim(), hash, "style.sha256 is out of date; BLESS=1 rewrites it");
    }

    #[test]
    fn the_style_needs_no_escaping_and_nothing_from_elsewhere() {
        assert!(!STYLE.contains(['<', '&']), "a strict parser would stumble");
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"), "a page stands alone");
    }
}
