//! XML as a tree, read strictly.

use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeMap;

/// An element with what it holds.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) children: Vec<Element>,
    /// The text in sections.
    pub(crate) text: String,
}

impl Element {
    /// Returns an attribute that has to be there.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.attributes.get(name).unwrap_or_else(|| panic!("<{}> has no {name}: {self:?}", self.name))
    }

    /// Returns the children of a name.
    pub(crate) fn all(&self, name: &str) -> Vec<&Element> {
        self.children.iter().filter(|child| child.name == name).collect()
    }

    /// Returns everything of a name below, in the order of the document.
    pub(crate) fn below(&self, name: &str) -> Vec<&Element> {
        let deeper = |child| Element::below(child, name);
        self.children
            .iter()
            .flat_map(|child| {
                let own = (child.name == name).then_some(child);
                own.into_iter().chain(deeper(child))
            })
            .collect()
    }
}

/// Parses a document and returns its root.
///
/// quick-xml accepts characters that XML 1.0 forbids, so those are looked for here: raw and behind references.
pub(crate) fn parse(xml: &str) -> Element {
    assert!(xml.chars().all(is_xml_char), "a character that XML forbids");
    let mut reader = quick_xml::Reader::from_str(xml);
    reader.config_mut().check_comments = true;
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error} in {xml}")) {
            Event::Start(tag) => open.push(element(&tag)),
            Event::Empty(tag) => last(&mut open).children.push(element(&tag)),
            Event::End(_) => {
                let closed = open.pop().expect("the reader checks that ends match");
                last(&mut open).children.push(closed);
            }
            Event::Text(text) => assert!(text.trim().is_empty(), "text outside a section: {text:?}"),
            Event::CData(text) => last(&mut open).text.push_str(&text),
            Event::Decl(_) => {}
            Event::Eof => break,
            other => panic!("a report holds no {other:?}"),
        }
    }
    let [document] = open.try_into().unwrap_or_else(|open| panic!("an element is not closed: {open:?}"));
    let [root] = document.children.try_into().unwrap_or_else(|roots| panic!("one root, not {roots:?}"));
    root
}

fn last(open: &mut [Element]) -> &mut Element {
    open.last_mut().expect("the document is never closed")
}

fn element(tag: &BytesStart<'_>) -> Element {
    let mut element = Element { name: tag.name().as_ref().to_owned(), ..Element::default() };
    for attribute in tag.attributes() {
        let attribute = attribute.unwrap_or_else(|error| panic!("{error} in {tag:?}"));
        assert!(!attribute.value.contains(['<', '\n']), "{attribute:?}");
        let value = quick_xml::escape::unescape(&attribute.value).unwrap_or_else(|error| panic!("{error} in {tag:?}"));
        assert!(value.chars().all(is_xml_char), "a reference to a character that XML forbids in {tag:?}");
        element.attributes.insert(attribute.key.as_ref().to_owned(), value.into_owned());
    }
    element
}

/// XML 1.0, production 2.
fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}
