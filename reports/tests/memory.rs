//! Reports that are written while the run goes on need the memory of one case, however many there are.
//!
//! A program of its own, because the peak is the whole process's.
#![cfg(target_os = "linux")]

use rehearsal_reports::{Har, Ndjson, Reports};
use scim_record::{
    Basis, CaseRecord, Counts, Event, Exchange, Gate, Level, Location, Outcome, RequestRecord, ResponseRecord, RunInfo,
    Summary, Timing,
};

#[test]
fn five_thousand_cases_take_the_memory_of_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let (archive, stream) = (folder.path().join("run.har"), folder.path().join("run.ndjson"));
    let mut reports = Reports::default();
    reports.add(Har::new(&archive));
    reports.add(Ndjson::new(&stream));
    reports.event(&start());
    reports.event(&Event::CaseFinished(Box::new(case(0))));
    let before = peak();
    for number in 1..CASES {
        reports.event(&Event::CaseFinished(Box::new(case(number))));
    }
    let grown = peak() - before;
    reports.event(&end());
    assert!(reports.finish().is_empty());
    for path in [archive, stream] {
        let written = std::fs::metadata(&path).expect("the report was written").len();
        assert!(written > 40_000_000, "{}: {written} bytes", path.display());
    }
    assert!(grown < 4_000_000, "the peak grew by {grown} bytes");
}

const CASES: usize = 5_000;

/// Returns the most memory the process ever had, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells about a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the peak is told");
    line.trim().trim_end_matches(" kB").parse::<usize>().expect("a number") * 1024
}

fn start() -> Event {
    Event::RunStarted(RunInfo {
        version: "0.1.0".to_owned(),
        target: "https://scim.vendor.test".to_owned(),
        run: "r1".to_owned(),
        seed: "0x1".to_owned(),
        gate: Gate::Okta,
        started: "2026-11-23T12:00:00Z".to_owned(),
        asked: Vec::new(),
        cases: CASES,
        specimen: false,
        tls_unverified: false,
        part: None,
    })
}

fn end() -> Event {
    Event::RunFinished(Summary {
        counts: Counts { pass: CASES, ..Counts::default() },
        requests: CASES as u64,
        retries: 0,
        time_ms: 1,
        left_behind: Vec::new(),
        interrupted: false,
        exit: 0,
    })
}

fn case(number: usize) -> CaseRecord {
    let exchange = Exchange {
        step: "step 1".to_owned(),
        request: RequestRecord {
            method: "GET".to_owned(),
            url: format!("https://scim.vendor.test/Users/{number}"),
            headers: Vec::new(),
            body: None,
        },
        response: Some(ResponseRecord {
            status: 200,
            reason: "OK".to_owned(),
            headers: Vec::new(),
            body: "x".repeat(10_000),
            size: 10_000,
        }),
        failure: None,
        timing: Timing { started_ms: 1_795_435_200_000, headers_ms: 1.0, total_ms: 2.0 },
    };
    CaseRecord {
        id: format!("many/cases/{number}"),
        suite: "many/cases".to_owned(),
        app: None,
        title: "A title".to_owned(),
        rule: "A rule.".to_owned(),
        refs: Vec::new(),
        level: Level::Must,
        basis: Basis::Documented,
        disputed: None,
        consequence: None,
        mend: None,
        bugs: Vec::new(),
        outcome: Outcome::Pass,
        reason: None,
        findings: Vec::new(),
        reading: None,
        notes: Vec::new(),
        fuzz: None,
        exchanges: vec![exchange],
        time_ms: 1,
        location: Location { file: "many.toml".to_owned(), line: 1, column: 1, width: 1, source: String::new() },
    }
}
