//! Writes the suites as XML 1.0, whatever their texts hold.
//!
//! `junit-report` writes the document. It knows no properties, no lines and no counters of the whole, so a second pass
//! over what it wrote adds them.

use super::Suite;
use super::test::{End, Test};
use crate::recording::Run;
use jiff::Timestamp;
use junit_report::{Duration, OffsetDateTime, ReportBuilder, TestCase, TestResult, TestSuite};
use quick_xml::events::{BytesEnd, BytesStart, Event};
use quick_xml::{Reader, Writer};

type Attributes<'a> = &'a [(&'a str, &'a str)];

/// Returns the whole document.
pub(super) fn document(run: &Run, suites: &[Suite]) -> Vec<u8> {
    let common = Common::of(run);
    let report = ReportBuilder::new().add_testsuites(suites.iter().map(|suite| written(suite, &common))).build();
    let mut plain = Vec::new();
    report.write_xml(&mut plain).expect("writing to memory does not fail");
    let mut document = completed(&plain, run, suites, &common);
    document.push(b'\n');
    document
}

fn written(suite: &Suite, common: &Common) -> TestSuite {
    let mut written = TestSuite::new(&xml_text(&suite.name));
    written.hostname = xml_text(&common.hostname);
    written.set_timestamp(common.started);
    written.add_testcases(suite.tests.iter().map(test_case));
    written
}

fn test_case(test: &Test) -> TestCase {
    let time = Duration::milliseconds(i64::try_from(test.time_ms).unwrap_or(i64::MAX));
    let mut case = TestCase::success(&xml_text(&test.name), time);
    case.set_classname(&xml_text(&test.classname));
    if let Some((file, _)) = &test.place {
        case.set_filepath(&xml_text(file));
    }
    if !test.out.is_empty() {
        case.set_system_out(&xml_text(&test.out));
    }
    case.result = match &test.end {
        End::Passed => TestResult::Success,
        End::Skipped { message } => {
            TestResult::SkippedWithCause { type_: "skipped".to_owned(), message: xml_text(message), cause: None }
        }
        End::Failure { kind, message, body } => {
            TestResult::Failure { type_: (*kind).to_owned(), message: xml_text(message), cause: Some(xml_text(body)) }
        }
        End::Error { message, body } => {
            TestResult::Error { type_: "error".to_owned(), message: xml_text(message), cause: Some(xml_text(body)) }
        }
    };
    case
}

/// Adds what `junit-report` does not write: its elements stand in the order of the suites and their tests.
fn completed(plain: &[u8], run: &Run, suites: &[Suite], common: &Common) -> Vec<u8> {
    let mut reader = Reader::from_reader(plain);
    let mut xml = Xml(Writer::new_with_indent(Vec::new(), b' ', 2));
    let (mut suites_left, mut tests_left) = (suites.iter(), suites.iter().flat_map(|suite| &suite.tests));
    loop {
        let event = reader.read_event().expect("what was written is well-formed");
        let (tag, is_empty) = match event {
            Event::Eof => return xml.0.into_inner(),
            Event::Start(tag) => (tag, false),
            Event::Empty(tag) => (tag, true),
            other => {
                xml.event(other);
                continue;
            }
        };
        let name = tag.name().as_ref().to_owned();
        match name.as_str() {
            "testsuites" => xml.open(whole(run, suites)),
            "testsuite" => {
                let suite = suites_left.next().expect("one element for each suite");
                xml.open(head(suite, common));
                xml.properties(&common.properties);
            }
            "testcase" => {
                let test = tests_left.next().expect("one element for each test");
                xml.open(case_tag(test));
                xml.properties(&test.properties);
            }
            _ if is_empty => {
                xml.event(Event::Empty(tag));
                continue;
            }
            _ => {
                xml.open(tag.into_owned());
                continue;
            }
        }
        if is_empty {
            xml.event(Event::End(BytesEnd::new(name)));
        }
    }
}

/// Readers want a point in every time, and `junit-report` writes none into whole seconds.
fn case_tag(test: &Test) -> BytesStart<'static> {
    let mut attributes =
        vec![("classname", test.classname.clone()), ("name", test.name.clone()), ("time", seconds(test.time_ms))];
    if let Some((file, line)) = &test.place {
        attributes.extend([("file", file.clone()), ("line", line.to_string())]);
    }
    tag("testcase", &borrowed(&attributes))
}

fn whole(run: &Run, suites: &[Suite]) -> BytesStart<'static> {
    let counts: Counts = suites.iter().map(Counts::of).sum();
    let name = [("name", "rehearsal".to_owned())];
    let attributes = [&name[..], &counts.attributes()[..], &[("time", seconds(run.summary.time_ms))]].concat();
    tag("testsuites", &borrowed(&attributes))
}

fn head(suite: &Suite, common: &Common) -> BytesStart<'static> {
    let time = seconds(suite.tests.iter().map(|test| test.time_ms).sum());
    let name = [("name", suite.name.clone())];
    let rest = [("time", time), ("timestamp", common.timestamp.clone()), ("hostname", common.hostname.clone())];
    let attributes = [&name[..], &Counts::of(suite).attributes()[..], &rest[..]].concat();
    tag("testsuite", &borrowed(&attributes))
}

/// What every suite says of the run.
struct Common {
    hostname: String,
    started: OffsetDateTime,
    timestamp: String,
    properties: Vec<(&'static str, String)>,
}

impl Common {
    fn of(run: &Run) -> Common {
        let info = &run.info;
        let mut properties = vec![
            ("target", info.target.clone()),
            ("run", info.run.clone()),
            ("seed", info.seed.clone()),
            ("gate", info.gate.to_string()),
            ("rehearsal", info.version.clone()),
        ];
        if info.tls_unverified {
            properties.push(("tls", "not verified".to_owned()));
        }
        properties.extend(info.asked.iter().map(|asked| ("asked", asked.clone())));
        // The epoch, which nobody takes for a date, if the record does not say when it was.
        let started: Timestamp = info.started.parse().unwrap_or(Timestamp::UNIX_EPOCH);
        let timestamp = started.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let epoch = OffsetDateTime::UNIX_EPOCH;
        let at = OffsetDateTime::from_unix_timestamp(started.as_second()).unwrap_or(epoch);
        Common { hostname: host(&info.target).to_owned(), started: at, timestamp, properties }
    }
}

/// Returns the host of a base URL, without its port.
fn host(target: &str) -> &str {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// The counters of a suite, or of the whole report.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    fn of(suite: &Suite) -> Counts {
        suite.tests.iter().map(Counts::of_test).sum()
    }

    fn of_test(test: &Test) -> Counts {
        let one = Counts { tests: 1, ..Counts::default() };
        match test.end {
            End::Passed => one,
            End::Skipped { .. } => Counts { skipped: 1, ..one },
            End::Failure { .. } => Counts { failures: 1, ..one },
            End::Error { .. } => Counts { errors: 1, ..one },
        }
    }

    fn attributes(self) -> [(&'static str, String); 4] {
        [
            ("tests", self.tests.to_string()),
            ("failures", self.failures.to_string()),
            ("errors", self.errors.to_string()),
            ("skipped", self.skipped.to_string()),
        ]
    }
}

impl std::iter::Sum for Counts {
    fn sum<I: Iterator<Item = Counts>>(counts: I) -> Counts {
        counts.fold(Counts::default(), |sum, more| Counts {
            tests: sum.tests + more.tests,
            failures: sum.failures + more.failures,
            errors: sum.errors + more.errors,
            skipped: sum.skipped + more.skipped,
        })
    }
}

struct Xml(Writer<Vec<u8>>);

impl Xml {
    fn properties(&mut self, properties: &[(&'static str, String)]) {
        if !properties.is_empty() {
            self.open(tag("properties", &[]));
            for (name, value) in properties {
                self.event(Event::Empty(tag("property", &[("name", name), ("value", value)])));
            }
            self.event(Event::End(BytesEnd::new("properties")));
        }
    }

    fn open(&mut self, tag: BytesStart<'static>) {
        self.event(Event::Start(tag));
    }

    fn event(&mut self, event: Event<'_>) {
        self.0.write_event(event).expect("writing to memory does not fail");
    }
}

fn tag(name: &'static str, attributes: Attributes<'_>) -> BytesStart<'static> {
    let mut tag = BytesStart::new(name);
    for (name, value) in attributes {
        tag.push_attribute((*name, xml_text(value).as_str()));
    }
    tag
}

fn borrowed<'a>(attributes: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    attributes.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// Every reader takes seconds with a point and no exponent.
fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

/// Returns the text with everything replaced that XML 1.0 cannot carry: what it allows is its production 2, `Char`.
/// Surrogates, which it forbids too, are no `char`. The end of a section is parted in attributes as well, so that a message
/// reads the same there and in the body.
fn xml_text(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_carry_is_shown() {
        assert_eq!(xml_text("a\x1b[0m\0\u{fffe}\u{ffff}\r\n"), "a␛[0m␀\u{fffd}\u{fffd}␍\n");
    }

    #[test]
    fn the_end_of_a_section_is_parted() {
        assert_eq!(xml_text("]]]>>"), "]]] >>");
    }

    #[test]
    fn times_are_seconds_with_a_point() {
        assert_eq!([0, 42, 3_249, 125_000].map(seconds), ["0.000", "0.042", "3.249", "125.000"]);
    }

    #[test]
    fn a_host_is_named_without_its_port() {
        let table = [
            ("https://scim.vendor.test/scim/v2", "scim.vendor.test"),
            ("http://127.0.0.1:8080", "127.0.0.1"),
            ("http://[::1]:8080/scim", "[::1]"),
            ("http://[::1]/scim", "[::1]"),
        ];
        for (target, expected) in table {
            assert_eq!(host(target), expected);
        }
    }
}
