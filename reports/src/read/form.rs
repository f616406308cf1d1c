//! What is read of a JSON report, and the record it makes.
//!
//! The counterpart of what `json::format` writes; a test writes what was read and compares.

use super::PastRun;
use scim_record::{Basis, Counts, Failure, Gate, Header, LeftBehind, Level, Location, Outcome, Reading, Reference};
use scim_record::{RequestRecord, ResponseRecord, RunInfo, Timing, VendorBug, Verdict};
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Deserialize)]
pub(super) struct Report {
    version: String,
    target: String,
    specimen: bool,
    #[serde(default)]
    tls_unverified: bool,
    run: String,
    seed: String,
    gate: Gate,
    #[serde(default)]
    asked: Vec<String>,
    started: String,
    part: Option<scim_record::Part>,
    summary: Summary,
    #[serde(default)]
    dialect: Vec<Dialect>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Dialect {
    case: String,
    app: Option<String>,
    meaning: String,
}

#[derive(Deserialize)]
struct Summary {
    chosen: usize,
    counts: Counts,
    requests: u64,
    #[serde(default)]
    retries: u64,
    time_ms: u64,
    exit: u8,
    interrupted: bool,
    left_behind: Vec<LeftBehind>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    suite: String,
    app: Option<String>,
    title: String,
    outcome: Outcome,
    reason: Option<String>,
    level: Level,
    basis: Basis,
    disputed: Option<String>,
    rule: String,
    refs: Vec<Reference>,
    consequence: Option<String>,
    mend: Option<String>,
    bugs: Vec<VendorBug>,
    findings: Vec<Finding>,
    reading: Option<String>,
    notes: Vec<String>,
    #[serde(default)]
    fuzz: Option<scim_record::FuzzRun>,
    exchanges: Vec<Exchange>,
    time_ms: u64,
    location: Location,
}

#[derive(Deserialize)]
struct Finding {
    verdict: Verdict,
    level: Level,
    basis: Basis,
    step: String,
    message: String,
    pointer: Option<String>,
    expected: Option<String>,
    actual: Option<String>,
    location: Option<Location>,
    exchange: Option<usize>,
    curl: Option<String>,
    #[serde(default)]
    fuzz: Option<scim_record::FuzzFinding>,
    fingerprint: String,
}

#[derive(Deserialize)]
struct Exchange {
    step: String,
    started_ms: i64,
    headers_ms: f64,
    total_ms: f64,
    request: Request,
    response: Option<Response>,
    failure: Option<ToldFailure>,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    url: String,
    headers: Vec<Header>,
    body: Option<Body>,
}

#[derive(Deserialize)]
struct Response {
    status: u16,
    reason: String,
    headers: Vec<Header>,
    body: Body,
    size: usize,
}

#[derive(Deserialize)]
struct Body {
    text: String,
    cut: usize,
}

#[derive(Deserialize)]
struct ToldFailure {
    kind: FailureKind,
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FailureKind {
    Unreachable,
    TimedOut,
    Broken,
    TooLarge,
}

impl From<Report> for PastRun {
    fn from(report: Report) -> PastRun {
        let Report {
            version,
            target,
            specimen,
            tls_unverified,
            run,
            seed,
            gate,
            asked,
            started,
            part,
            summary,
            dialect,
            cases,
        } = report;
        let cases_chosen = summary.chosen;
        let info = RunInfo {
            version,
            target,
            run,
            seed,
            gate,
            started,
            asked,
            cases: cases_chosen,
            specimen,
            tls_unverified,
            part,
        };
        let mut meanings: HashMap<(String, Option<String>), String> =
            dialect.into_iter().map(|entry| ((entry.case, entry.app), entry.meaning)).collect();
        let mut of = |case: Case| {
            let meaning = meanings.remove(&(case.id.clone(), case.app.clone())).unwrap_or_default();
            case.into_record(meaning)
        };
        PastRun { info, cases: cases.into_iter().map(&mut of).collect(), summary: summary.into() }
    }
}

impl From<Summary> for scim_record::Summary {
    fn from(summary: Summary) -> scim_record::Summary {
        let Summary { chosen: _, counts, requests, retries, time_ms, exit, interrupted, left_behind } = summary;
        scim_record::Summary { counts, requests, retries, time_ms, left_behind, interrupted, exit }
    }
}

impl Case {
    fn into_record(self, meaning: String) -> scim_record::CaseRecord {
        scim_record::CaseRecord {
            id: self.id,
            suite: self.suite,
            app: self.app,
            title: self.title,
            rule: self.rule,
            refs: self.refs,
            level: self.level,
            basis: self.basis,
            disputed: self.disputed,
            consequence: self.consequence,
            mend: self.mend,
            bugs: self.bugs,
            outcome: self.outcome,
            reason: self.reason,
            findings: self.findings.into_iter().map(Into::into).collect(),
            reading: self.reading.map(|name| Reading { name, meaning }),
            notes: self.notes,
            fuzz: self.fuzz,
            exchanges: self.exchanges.into_iter().map(Into::into).collect(),
            time_ms: self.time_ms,
            location: self.location,
        }
    }
}

impl From<Finding> for scim_record::Finding {
    fn from(finding: Finding) -> scim_record::Finding {
        scim_record::Finding {
            verdict: finding.verdict,
            level: finding.level,
            basis: finding.basis,
            step: finding.step,
            message: finding.message,
            pointer: finding.pointer,
            expected: finding.expected,
            actual: finding.actual,
            location: finding.location,
            exchange: finding.exchange,
            curl: finding.curl,
            fuzz: finding.fuzz,
            fingerprint: finding.fingerprint,
        }
    }
}

impl From<Exchange> for scim_record::Exchange {
    fn from(exchange: Exchange) -> scim_record::Exchange {
        let Exchange { step, started_ms, headers_ms, total_ms, request, response, failure } = exchange;
        scim_record::Exchange {
            step,
            request: RequestRecord {
                method: request.method,
                url: request.url,
                headers: request.headers,
                body: request.body.map(Body::into_text),
            },
            response: response.map(|response| ResponseRecord {
                status: response.status,
                reason: response.reason,
                headers: response.headers,
                body: response.body.into_text(),
                size: response.size,
            }),
            failure: failure.map(ToldFailure::into_failure),
            timing: Timing { started_ms, headers_ms, total_ms },
        }
    }
}

impl Body {
    /// Says at its end that something is missing, in the place of as much of it, so that it is not cut again.
    fn into_text(self) -> String {
        let Body { mut text, cut } = self;
        if cut == 0 {
            return text;
        }
        let missing = |more: usize| format!("[{} characters are not kept]", cut.saturating_add(more));
        let room = missing(100).chars().count();
        let kept = text.chars().count().saturating_sub(room);
        let end = text.char_indices().nth(kept).map_or(text.len(), |(end, _)| end);
        let dropped = text[end..].chars().count();
        text.truncate(end);
        text + &missing(dropped)
    }
}

impl ToldFailure {
    /// Takes the sentence apart that [`Failure`]'s `Display` made.
    fn into_failure(self) -> Failure {
        let ToldFailure { kind, message } = self;
        let cause = |lead: &str| message.strip_prefix(lead).unwrap_or(&message).to_owned();
        match kind {
            FailureKind::Unreachable => Failure::Unreachable { cause: cause("the server could not be reached: ") },
            FailureKind::Broken => Failure::Broken { cause: cause("the connection broke: ") },
            FailureKind::TooLarge => Failure::TooLarge { cause: cause("the response is too large: ") },
            FailureKind::TimedOut => {
                let digits: String = message.chars().filter(char::is_ascii_digit).collect();
                Failure::TimedOut { after_ms: digits.parse().unwrap_or_default() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_that_was_told_is_the_failure_again() {
        for failure in [
            Failure::Unreachable { cause: "refused".to_owned() },
            Failure::TimedOut { after_ms: 60_000 },
            Failure::Broken { cause: "reset".to_owned() },
            Failure::TooLarge { cause: "its body".to_owned() },
        ] {
            let kind = match &failure {
                Failure::Unreachable { .. } => FailureKind::Unreachable,
                Failure::TimedOut { .. } => FailureKind::TimedOut,
                Failure::Broken { .. } => FailureKind::Broken,
                Failure::TooLarge { .. } => FailureKind::TooLarge,
            };
            let told = ToldFailure { kind, message: failure.to_string() };
            assert_eq!(told.into_failure(), failure);
        }
    }

    #[test]
    fn a_body_that_was_cut_says_so_and_is_not_cut_again() {
        let text = Body { text: "ä".repeat(1000), cut: 5 }.into_text();
        assert_eq!(text.chars().count(), 999);
        assert!(text.ends_with("ä[34 characters are not kept]"), "{text}");
        assert_eq!(Body { text: "ä".to_owned(), cut: 0 }.into_text(), "ä");
    }
}
