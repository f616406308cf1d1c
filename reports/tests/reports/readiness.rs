//! The readiness report: whole, and with nothing but hostile texts in it.

use crate::{conforms, goldens, html};
use rehearsal_reports::Readiness;
use rehearsal_reports::readiness::{
    Attested, Attribute, Bucket, Claim, Evidence, Gate, HumanItem, Kept, Lint, Manifest, Operation, PlanRow, Ready,
    Risk, Row, Run, Standing, Timing, Verdict,
};
use serde_json::Value;

/// A report in which every text is this one, except where it stands for a number of rows.
fn report(ready: Ready, standing: Standing, rows: usize, text: &str) -> Readiness {
    let it = || text.to_owned();
    let evidence = || Evidence {
        run: 0,
        case: it(),
        app: Some(it()),
        outcome: "fail".to_owned(),
        told: Some(it()),
        exchanges: vec![it()],
    };
    let row = || Row { id: it(), title: it(), standing, told: it(), evidence: vec![evidence()] };
    let kept = Kept { tried: 3, kept: 2 };
    Readiness {
        schema_version: Readiness::SCHEMA_VERSION,
        tool: "rehearsal".to_owned(),
        version: "0.1.0".to_owned(),
        integration: Some(it()),
        verdict: Verdict { ready, sentence: it(), failed: rows, unproven: 0, human: 1, reasons: vec![it(); rows] },
        profile: it(),
        auth: Some(it()),
        okta_release: "2026.08.2".to_owned(),
        runs: vec![Run {
            file: it(),
            target: it(),
            specimen: false,
            run: it(),
            seed: it(),
            gate: it(),
            started: it(),
            version: it(),
            asked: vec![it()],
            cases: 3,
            requests: 4,
            exit: 1,
        }],
        gates: vec![Gate { id: it(), title: it(), standing, told: it(), rows: (0..rows).map(|_| row()).collect() }],
        plan: vec![PlanRow { row: row(), feature: it(), class: "part".to_owned() }],
        operations: vec![Operation { name: it(), claimed: Some(true), finding: Claim::ClaimedAndFails, told: it() }],
        attributes: vec![Attribute {
            path: it(),
            mapped: Some(true),
            defined: None,
            create: kept,
            put: Kept::default(),
            patch: Kept { tried: 1, kept: 1 },
            empty: kept,
            listed: Some(false),
        }],
        rules: vec![row()],
        timing: Timing {
            answers: 1,
            buckets: vec![Bucket { name: it(), answers: 1 }],
            longest_ms: 12.5,
            longest: it(),
        },
        manifest: Manifest {
            file: Some(it()),
            base_url: Some(it()),
            lints: vec![Lint { code: it(), is_error: true, place: it(), message: it(), help: Some(it()) }],
            missing: vec![it()],
        },
        stories: vec![row()],
        human: vec![HumanItem {
            id: it(),
            what: it(),
            state: Attested::Expired,
            by: Some(it()),
            on: None,
            note: Some(it()),
        }],
        risks: vec![Risk { title: it(), told: it() }],
    }
}

const EVIL: &str =
    "</td><script>alert(1)</script><img src=x onerror=alert(1)>\"' | `x` @all\n::error::\u{202e}\u{0}\x1b[31m";

#[test]
fn the_forms_of_a_report_are_golden() {
    let report = report(Ready::NotReady, Standing::Failed, 1, "Ada's app");
    let document = report.html();
    html::check(&document);
    let document = html::without(&html::without(&document, "<style>", "</style>"), "&#39;sha256-", "&#39;");
    goldens::golden("readiness.html", &document);
    goldens::golden("readiness.md", &report.markdown());
    goldens::golden("readiness.json", &report.json());
}

#[test]
fn what_hostile_files_say_is_shown_and_is_no_markup() {
    for (ready, standing) in [
        (Ready::Ready, Standing::Proven),
        (Ready::ReadyExceptHuman, Standing::HumanOpen),
        (Ready::NotReady, Standing::Unproven),
    ] {
        let report = report(ready, standing, 200, EVIL);
        let text = html::check(&report.html());
        assert!(text.matches("<script>alert(1)</script>").count() > 200, "{text}");
        let markdown = report.markdown();
        assert!(!markdown.contains(['\u{202e}', '\0', '\x1b']), "{markdown}");
        assert!(!markdown.lines().any(|line| line.trim_start().starts_with("::")), "{markdown}");
        assert!(markdown.len() < 65_536, "GitHub takes no longer comment");
        assert!(!report.text().contains('\x1b'));
    }
}

#[test]
fn its_json_conforms_to_its_schema() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/readiness.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("the file is there")).expect("JSON");
    let json: Value = serde_json::from_str(&report(Ready::Ready, Standing::Attested, 2, EVIL).json()).expect("JSON");
    conforms::conforms(&json, &schema, &schema).unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn every_page_says_that_runscope_is_still_asked_for() {
    let report = report(Ready::Ready, Standing::Proven, 0, "x");
    for text in [report.html(), report.markdown(), report.text()] {
        assert!(text.contains("Okta still asks for the links of Runscope runs"), "{text}");
    }
}
