//! What stands before and behind the `junit-report` crate: text it can write, and counters it does not write.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, Writer};

/// Returns the text with everything replaced that XML 1.0 cannot carry in a CDATA section or an attribute.
///
/// Every text and attribute of a report passes here: `junit-report` would write ESC, NUL, U+FFFE and `]]>` as they are,
/// and no parser reads that. What XML allows is production 2, `Char`, of XML 1.0; surrogates, which it forbids too, are
/// no `char`. `]]>` is parted instead of split over two sections, which some readers join with a comma.
pub(super) fn xml_text(text: &str) -> String {
    text.chars().map(legal).collect::<String>().replace("]]>", "]] >")
}

fn legal(c: char) -> char {
    match c {
        '\t' | '\n' => c,
        // The pictures of control characters; a parser would turn a carriage return into a line end.
        '\0'..='\x1F' => char::from_u32(0x2400 + c as u32).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{FFFE}' | '\u{FFFF}' => char::REPLACEMENT_CHARACTER,
        _ => c,
    }
}

/// The counters of a suite, or of the whole report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counters {
    pub(super) tests: usize,
    pub(super) failures: usize,
    pub(super) errors: usize,
    pub(super) skipped: usize,
}

impl std::iter::Sum for Counters {
    fn sum<I: Iterator<Item = Counters>>(counters: I) -> Counters {
        counters.fold(Counters::default(), |sum, more| Counters {
            tests: sum.tests + more.tests,
            failures: sum.failures + more.failures,
            errors: sum.errors + more.errors,
            skipped: sum.skipped + more.skipped,
        })
    }
}

/// Adds what `junit-report` leaves out: `skipped` in every suite, all counters at the root, and line breaks.
///
/// Readers that trust the counters (the GitHub action of EnricoMi does) would count skipped cases as passed. The
/// `package` goes, because Jenkins would put it before every suite's name.
pub(super) fn completed(xml: &[u8], suites: &[Counters], seconds: f64) -> Vec<u8> {
    let mut reader = Reader::from_reader(xml);
    let mut writer = Writer::new_with_indent(Vec::with_capacity(xml.len() * 2), b' ', 2);
    let mut counters = suites.iter();
    let mut buffer = Vec::new();
    loop {
        let event = reader.read_event_into(&mut buffer).expect("junit-report writes well-formed XML for legal text");
        let event = match event {
            Event::Eof => break,
            Event::Start(tag) => Event::Start(completed_tag(tag, suites, &mut counters, seconds)),
            Event::Empty(tag) => Event::Empty(completed_tag(tag, suites, &mut counters, seconds)),
            other => other,
        };
        writer.write_event(event).expect("writing to memory does not fail");
        buffer.clear();
    }
    let mut out = writer.into_inner();
    out.push(b'\n');
    out
}

fn completed_tag<'a>(
    tag: BytesStart<'a>,
    suites: &[Counters],
    counters: &mut std::slice::Iter<'_, Counters>,
    seconds: f64,
) -> BytesStart<'a> {
    match tag.name().as_ref() {
        "testsuites" => root(suites.iter().copied().sum(), seconds),
        "testsuite" => suite(&tag, counters.next().copied().unwrap_or_default()),
        _ => tag,
    }
}

fn root(counters: Counters, seconds: f64) -> BytesStart<'static> {
    BytesStart::new("testsuites").with_attributes([
        ("name", "rehearsal"),
        ("tests", &counters.tests.to_string()),
        ("failures", &counters.failures.to_string()),
        ("errors", &counters.errors.to_string()),
        ("skipped", &counters.skipped.to_string()),
        ("time", &seconds.to_string()),
    ])
}

fn suite(tag: &BytesStart<'_>, counters: Counters) -> BytesStart<'static> {
    let mut suite = BytesStart::new("testsuite");
    let attributes = tag.attributes().map(|attribute| attribute.expect("junit-report writes well-formed attributes"));
    suite.extend_attributes(attributes.filter(|attribute| attribute.key.as_ref() != "package"));
    suite.push_attribute(("skipped", counters.skipped.to_string().as_str()));
    suite
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_shows_controls_and_parts_the_end_of_a_section() {
        assert_eq!(xml_text("a\x1b[0m\0\u{fffe}\u{ffff}\r\n]]]>>"), "a␛[0m␀\u{fffd}\u{fffd}␍\n]]] >>");
    }
}
