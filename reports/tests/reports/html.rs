//! The HTML report is one well-formed document of the program's own elements, whatever a service provider sent.

use crate::{goldens, records};
use proptest::prelude::*;
use quick_xml::events::{BytesStart, Event as Xml};
use rehearsal_reports::{Html, Report};
use scim_record::{
    AppPart, CaseRecord, ChapterRecord, ChapterVerdict, Deed, Event, FuzzFinding, FuzzRun, Outcome, Unsupported,
};

fn html(events: &[Event]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.html");
    let mut report = Html::new(&path);
    events.iter().for_each(|event| report.event(event).expect("the report can be written"));
    std::fs::read_to_string(path).expect("the report was written")
}

#[test]
fn the_html_report_of_every_run_is_golden() {
    for (name, events) in goldens::runs() {
        let document = html(&events);
        check(&document);
        // The style is reviewed where it is written.
        let document = without(&without(&document, "<style>", "</style>"), "&#39;sha256-", "&#39;");
        goldens::golden(&format!("{name}.html"), &document);
    }
}

pub(crate) fn without(text: &str, before: &str, after: &str) -> String {
    let (begin, rest) = text.split_once(before).expect("every page has it");
    let (_, end) = rest.split_once(after).expect("every page ends it");
    format!("{begin}{before}…{after}{end}")
}

#[test]
fn what_a_hostile_server_sent_is_shown_and_is_no_markup() {
    let evil = "</pre></details></script><script>alert(1)</script><img src=x onerror=alert(1)>\" onclick=\"x\u{202e}\u{0}\x1b[31m&lt;";
    let text = check(&html(&records::run(cases("any", evil).into(), |_| {}, |_| {})));
    let shown = "</pre></details></script><script>alert(1)</script><img src=x onerror=alert(1)>\" onclick=\"xU+202ENULESC[31m&lt;";
    assert!(text.matches(shown).count() >= 8, "{text}");
}

#[test]
fn every_code_point_there_is_leaves_the_report_well_formed() {
    let all: Vec<char> = ('\0'..=char::MAX).collect();
    for (number, part) in all.chunks(200_000).enumerate() {
        let texts = part.chunks(300).map(|chars| chars.iter().collect::<String>());
        let cases = texts.enumerate().flat_map(|(position, text)| cases(&format!("{number}-{position}"), &text));
        check(&html(&records::run(cases.collect(), |_| {}, |_| {})));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_text_leaves_the_report_well_formed(text in "(\\PC|<!--|-->|</|<|&#0;|&|\"|'|\\r\\n|[\\x00-\\x1f\u{fffe}\u{202e}]){0,60}") {
        check(&html(&records::run(cases("any", &text).into(), |_| {}, |_| {})));
    }
}

#[test]
fn addresses_that_are_none_of_the_web_are_no_links() {
    let mut case = records::carrying("hostile/texts/any", "text");
    case.refs[0].url = Some("javascript:alert(1)".to_owned());
    let text = check(&html(&records::run(vec![case], |_| {}, |_| {})));
    assert!(text.contains("RFC7644 3.4.1"), "{text}");
}

#[test]
fn a_run_with_thousands_of_large_findings_stays_a_page_that_opens() {
    let body = format!("{}\n", "\u{202e}".repeat(200)).repeat(100);
    let cases = (0..400).map(|number| {
        let mut case = records::carrying(&format!("okta/users/case-{number:04}"), "text");
        case.exchanges[0].response.as_mut().expect("the case was answered").body.clone_from(&body);
        case
    });
    let document = html(&records::run(cases.collect(), |_| {}, |_| {}));
    assert!(document.len() < 36 << 20, "{} bytes", document.len());
    assert!(document.contains("case-0399"), "no case goes untold");
    assert!(document.contains("the JSON report holds them"), "what is missing is said");
}

#[test]
fn what_breaks_okta_stands_before_what_breaks_a_standard_and_access_before_attributes() {
    let case = |id: &str, level| {
        let mut case = records::case(id, Outcome::Fail);
        case.findings = records::carrying(id, "text").findings;
        case.findings[0].level = level;
        case.consequence = Some(format!("consequence of {id}"));
        case
    };
    use scim_record::Level::{Must, Okta};
    let cases = vec![
        case("okta/attributes/a", Okta),
        case("okta/lifecycle/b", Okta),
        case("rfc7644/create/c", Must),
        case("okta/connect/d", Must),
    ];
    let text = check(&html(&records::run(cases, |_| {}, |_| {})));
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} is missing"));
    let order =
        ["consequence of okta/lifecycle/b", "consequence of okta/attributes/a", "consequence of okta/connect/d"];
    assert!(order.is_sorted_by_key(|what| at(what)), "{text}");
    let first = &text[at("What breaks Okta first")..at("What an administrator loses first")];
    assert!(!first.contains("okta/connect/d"), "it breaks a standard alone: {first}");
}

#[test]
fn a_story_is_told_chapter_by_chapter_and_leads_to_what_did_not_hold() {
    let mut failed = records::carrying("lifecycle/lucy/first-day/account-exists", "text");
    failed.app = None;
    let chapter = ChapterRecord {
        id: "lifecycle/lucy/first-day".to_owned(),
        title: "Lucy's first day".to_owned(),
        deeds: vec![Deed { at: "2026-03-09 00:00 PDT".to_owned(), text: "Lucy starts".to_owned() }],
        apps: vec![AppPart {
            name: "intranet".to_owned(),
            target: "https://scim.vendor.test/scim/v2".to_owned(),
            specimen: false,
            exchanges: failed.exchanges.clone(),
            tasks: vec!["<b>Okta left a task</b>".to_owned()],
            pushed_ms: Some(61),
            settled_ms: None,
        }],
        verdicts: vec![ChapterVerdict {
            id: "account-exists".to_owned(),
            outcome: Outcome::Fail,
            reason: Some("no account".to_owned()),
        }],
    };
    let mut events = records::run(vec![failed], |_| {}, |_| {});
    events.insert(2, Event::ChapterFinished(Box::new(chapter)));
    let document = html(&events);
    let text = check(&document);
    for told in ["Lucy's first day", "Lucy starts", "pushed in 61 ms", "<b>Okta left a task</b>", "no account"] {
        assert!(text.contains(told), "{told} is missing from {text}");
    }
    let link = "href=\"#lifecycle/lucy/first-day/account-exists\"";
    let target = "id=\"lifecycle/lucy/first-day/account-exists\"";
    assert!(document.contains(link) && document.contains(target));
}

fn cases(id: &str, text: &str) -> [CaseRecord; 2] {
    let mut carrying = records::carrying(&format!("hostile/texts/{id}-a"), text);
    carrying.title = text.to_owned();
    carrying.notes = vec![text.to_owned()];
    carrying.findings[0].fuzz = Some(FuzzFinding {
        law: text.to_owned(),
        identity: text.to_owned(),
        input: text.to_owned(),
        origin: text.to_owned(),
        regression: text.to_owned(),
    });
    let unsupported = vec![Unsupported { what: text.to_owned(), inputs: 3 }];
    carrying.fuzz = Some(FuzzRun { ended: text.to_owned(), unsupported, ..FuzzRun::default() });
    [carrying, records::skipped_because(&format!("hostile/texts/{id}-b"), text)]
}

/// Parses the document strictly, checks every tag, and returns the text that is shown.
pub(crate) fn check(document: &str) -> String {
    let xml = document.strip_prefix("<!DOCTYPE html>\n").expect("a browser is told which HTML this is");
    let mut reader = quick_xml::Reader::from_str(xml);
    let (mut text, mut open) = (String::new(), Vec::new());
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error} in {xml}")) {
            Xml::Start(tag) => open.push(check_tag(&tag)),
            Xml::Empty(tag) => drop(check_tag(&tag)),
            Xml::End(_) => drop(open.pop()),
            Xml::Text(part) if open.last().is_some_and(|name| name == "style") => {
                assert!(part.contains("color-scheme"), "a style that is not ours: {part:?}");
            }
            Xml::Text(part) => text.push_str(&part),
            Xml::GeneralRef(name) => text.push(resolved(&name)),
            Xml::Eof => break,
            other => panic!("a report holds no {other:?}"),
        }
    }
    assert_eq!(open, Vec::<String>::new(), "an element is not closed");
    assert!(!text.contains(|c: char| c.is_control() && c != '\n' && c != '\t'), "a control in {text:?}");
    assert!(!text.contains(['\u{202e}', '\u{200b}', '\u{feff}', '\u{fffe}']), "something invisible in {text:?}");
    text
}

fn resolved(name: &str) -> char {
    match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "#39" => '\'',
        other => panic!("a report holds no &{other};"),
    }
}

fn check_tag(tag: &BytesStart<'_>) -> String {
    let name = tag.name().as_ref().to_owned();
    assert!(ELEMENTS.split(' ').any(|known| known == name), "an element that is not ours: {tag:?}");
    for attribute in tag.attributes() {
        let attribute = attribute.unwrap_or_else(|error| panic!("{error} in {tag:?}"));
        let (key, value) = (attribute.key.as_ref(), attribute.value.as_ref());
        assert!(ATTRIBUTES.split(' ').any(|known| known == key), "an attribute that is not ours: {tag:?}");
        assert!(!value.contains(['<', '\n']), "{tag:?}");
        if key == "href" {
            assert!(["#", "http://", "https://"].iter().any(|start| value.starts_with(start)), "{tag:?}");
        }
    }
    name
}

const ELEMENTS: &str = "html head meta title style body header nav main footer section details summary h1 h2 h3 h4 p div \
                        span a strong b i code pre del ins mark time ul ol li dl dt dd table thead tbody tr th td svg rect";
const ATTRIBUTES: &str = "lang charset http-equiv content name class id href rel tabindex role scope open datetime viewBox \
                          preserveAspectRatio x y width height aria-label aria-labelledby aria-hidden";
