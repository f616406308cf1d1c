//! The JUnit report as each of its readers reads it. What a reader does stands above its test.

use crate::goldens::{runs, written};
use crate::records;
use crate::tree::{Element, parse};
use rehearsal_reports::Junit;
use scim_record::Event;
use std::collections::HashSet;

fn junit(events: &[Event]) -> Element {
    parse(&written(events, |path| Box::new(Junit::new(path))))
}

/// Every run that has a golden.
fn reports() -> Vec<(&'static str, Element)> {
    runs().iter().map(|(name, events)| (*name, junit(events))).collect()
}

fn cases(report: &Element) -> Vec<&Element> {
    report.below("testcase")
}

/// Jenkins makes packages of the dots in `classname`, keeps the first failure or error alone, and reads a suite's name,
/// time and timestamp.
#[test]
fn jenkins_finds_packages_and_one_result_a_case() {
    for (name, report) in reports() {
        for suite in report.all("testsuite") {
            assert!(!suite.attributes.contains_key("package"), "{name}: it would stand before every name");
            assert!(!suite.get("name").is_empty() && suite.get("time").parse::<f64>().is_ok(), "{name}");
        }
        for case in cases(&report) {
            assert!(!case.get("classname").contains('/'), "{name}: {case:?}");
            let ends = ["failure", "error", "skipped"].map(|end| case.all(end).len());
            assert!(ends.iter().sum::<usize>() <= 1, "{name}: {case:?}");
        }
    }
    let mixed = junit(&records::mixed());
    let packages: HashSet<&str> = cases(&mixed).iter().map(|case| case.get("classname")).collect();
    assert!(packages.contains("rfc7644.users-create"), "{packages:?}");
}

/// GitLab reads one level of suites, drops all but one of the cases that share `classname` and `name`, shows the content
/// of a failure and no message, and attaches what `[[ATTACHMENT|` names.
#[test]
fn gitlab_finds_every_case_and_why_it_failed() {
    for (name, report) in reports() {
        assert_eq!(report.name, "testsuites");
        assert!(report.children.iter().all(|child| child.name == "testsuite"), "{name}");
        assert!(report.below("testsuite").len() == report.children.len(), "{name}: suites are not nested");
        let pairs: HashSet<_> = cases(&report).iter().map(|case| (case.get("classname"), case.get("name"))).collect();
        assert_eq!(pairs.len(), cases(&report).len(), "{name}");
        for failure in [report.below("failure"), report.below("error")].concat() {
            assert!(failure.text.starts_with(failure.get("message")), "{name}: {failure:?}");
        }
        for text in report.below("system-out").iter().chain(&report.below("failure")) {
            assert!(!text.text.to_lowercase().contains("[[attachment|"), "{name}");
        }
    }
}

/// Jenkins and CircleCI cut long outputs, and GitLab refuses a file that they fill.
#[test]
fn no_case_is_longer_than_readers_take() {
    let long: String = "wrong \u{1f980}\n".repeat(2_000);
    let case = |number| records::carrying(&format!("many/cases/{number}"), &long);
    let report = junit(&records::run((0..5).map(case).collect(), |_| {}, |_| {}));
    assert_eq!(report.below("testcase").len(), 5);
    for text in [report.below("failure"), report.below("system-out")].concat() {
        assert!(text.text.len() < 9_000, "{} bytes", text.text.len());
    }
}

/// Azure Pipelines drops a case without a name and computes the length of a run from the suites' timestamps and times.
#[test]
fn azure_finds_names_and_times() {
    for (name, report) in reports() {
        for suite in report.all("testsuite") {
            let timestamp: jiff::Timestamp = suite.get("timestamp").parse().expect("ISO 8601");
            assert_eq!(timestamp.to_string(), "2026-11-23T12:00:00Z", "{name}");
            assert_eq!(suite.get("hostname"), "scim.vendor.test", "{name}");
            let sum: u64 = suite.all("testcase").iter().map(|case| milliseconds(case.get("time"))).sum();
            assert_eq!(milliseconds(suite.get("time")), sum, "{name}");
        }
        assert!(cases(&report).iter().all(|case| !case.get("name").is_empty()), "{name}");
    }
}

/// Seconds with three decimals: no exponent, no comma, no unit.
fn milliseconds(time: &str) -> u64 {
    let (seconds, rest) = time.split_once('.').unwrap_or_else(|| panic!("{time} has no point"));
    assert_eq!(rest.len(), 3, "{time}");
    seconds.parse::<u64>().expect("digits") * 1000 + rest.parse::<u64>().expect("digits")
}

/// CircleCI reads no output but that of cases, and no properties; Buildkite demands `classname` and `name`.
#[test]
fn circleci_and_buildkite_find_the_evidence_at_the_case() {
    for (name, report) in reports() {
        for suite in report.all("testsuite") {
            let known = ["testcase", "properties"];
            assert!(suite.children.iter().all(|child| known.contains(&child.name.as_str())), "{name}");
        }
        assert!(cases(&report).iter().all(|case| !case.get("classname").is_empty()), "{name}");
    }
    let mixed = junit(&records::mixed());
    let failed: Vec<_> = cases(&mixed).into_iter().filter(|case| !case.all("failure").is_empty()).collect();
    let first = failed.iter().find(|case| case.get("name") == "required-attributes-only").expect("it failed");
    assert!(first.all("system-out")[0].text.contains("> POST https://"), "{first:?}");
    assert!(first.all("failure")[0].text.contains("again  curl"), "{first:?}");
}

/// EnricoMi's action takes its headline from the suites' counters.
#[test]
fn publish_unit_test_results_finds_counters_that_add_up() {
    for (name, report) in reports() {
        let number = |element: &Element, name: &str| element.get(name).parse::<usize>().expect("a number");
        for suite in report.all("testsuite") {
            let found = [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")];
            for (counter, element) in found {
                assert_eq!(number(suite, counter), suite.below(element).len(), "{name}: {counter}");
            }
        }
        for counter in ["tests", "failures", "errors", "skipped"] {
            let sum: usize = report.all("testsuite").iter().map(|suite| number(suite, counter)).sum();
            assert_eq!(number(&report, counter), sum, "{name}: {counter}");
        }
    }
}

/// Mikepenz's action searches the work tree for the class name unless a case says its `file`; dorny's reads the suite's
/// name and both times, and shows the message.
#[test]
fn actions_find_a_file_and_a_message() {
    for (name, report) in reports() {
        assert!(milliseconds(report.get("time")) > 0, "{name}");
        for case in cases(&report).iter().filter(|case| case.get("classname") != "rehearsal.run") {
            assert!(case.get("file").ends_with(".toml") && case.get("line").parse::<usize>().is_ok(), "{name}");
        }
        for end in ["failure", "error", "skipped"] {
            assert!(report.below(end).iter().all(|end| !end.get("message").is_empty()), "{name}");
        }
    }
    let mixed = junit(&records::mixed());
    let case = *cases(&mixed).iter().find(|case| case.get("name") == "required-attributes-only").expect("the case");
    assert_eq!((case.get("file"), case.get("line")), ("suites/rfc7644/users-create.toml", "25"));
}

/// Readers that keep properties can tell where a case comes from; the others ignore them.
#[test]
fn properties_tell_the_run_and_the_rule() {
    let mixed = junit(&records::mixed());
    let of = |element: &Element| -> Vec<String> {
        let pair = |property: &&Element| format!("{}={}", property.get("name"), property.get("value"));
        element.all("properties").iter().flat_map(|list| list.all("property")).map(|it| pair(&it)).collect()
    };
    let suite = of(mixed.all("testsuite")[0]);
    assert!(suite.contains(&"seed=0x5c1a".to_owned()) && suite.contains(&"gate=okta".to_owned()), "{suite:?}");
    let case = *cases(&mixed).iter().find(|case| case.get("name") == "required-attributes-only").expect("the case");
    let case = of(case);
    for pair in ["id=rfc7644/users-create/required-attributes-only", "level=must", "reference=RFC7644 3.3"] {
        assert!(case.contains(&pair.to_owned()), "{case:?}");
    }
}

/// A case has the same name in every run, or its history is lost.
#[test]
fn names_hold_nothing_of_the_run() {
    for case in cases(&junit(&records::mixed())) {
        for of_the_run in ["r7k3f", "0x5c1a"] {
            assert!(!case.get("name").contains(of_the_run) && !case.get("classname").contains(of_the_run));
        }
    }
}
