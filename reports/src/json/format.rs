//! The JSON report's form: what `report.schema.json` documents, apart from how the program keeps its records.
//!
//! Fields may be added within a `schema_version`; one that goes or changes its meaning raises it.

use super::fuzz::{FuzzFinding, FuzzRun};
use crate::recording::Run;
use crate::text::clip;
use serde::Serialize;

/// A report on one run of Rehearsal.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Report {
    /// The version of this form. Readers should refuse a version they do not know.
    schema_version: u32,
    /// The program that wrote the report: `rehearsal`.
    tool: String,
    /// The program's version.
    version: String,
    /// The service provider's base URL, without credentials.
    target: String,
    /// Whether the target is the specimen that is built into the program.
    specimen: bool,
    /// Whether connections were encrypted to somebody whose certificate nobody checked (`--insecure`).
    tls_unverified: bool,
    /// The run's id: the prefix of every name the run created.
    run: String,
    /// The seed, as `0x…`; the same seed sends the same bytes.
    seed: String,
    /// What turned the run red.
    gate: Gate,
    /// When the run began, RFC 3339 in UTC.
    started: String,
    /// Which part of the cases the run had, or null where they were not divided.
    part: Option<Part>,
    /// What the cases were chosen by, as on a command line; empty where nothing was left out.
    asked: Vec<String>,
    /// The run in numbers.
    summary: Summary,
    /// How the service provider reads what the standard leaves open, by the cases that found it out.
    dialect: Vec<Dialect>,
    /// Every case that ran, sorted by id and app.
    cases: Vec<Case>,
}

/// One of several parts into which the cases of a run were divided (`--partition`).
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Part {
    /// How they were divided: `slice` or `hash`.
    by: String,
    /// Which part, counted from 1.
    number: usize,
    /// How many parts there are.
    of: usize,
    /// What tells the cases and settings of the whole from any other; equal for all its parts.
    whole: String,
}

/// How the service provider reads one thing that the standard leaves open.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Dialect {
    /// The id of the case that found it out.
    case: String,
    /// The Okta app it ran as, or null where the app plays no part.
    app: Option<String>,
    /// What the case is called.
    title: String,
    /// What the reading is called.
    reading: String,
    /// What a service provider of this reading does, in one sentence.
    meaning: String,
}

/// A run in numbers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Summary {
    /// How many cases were chosen; more than were counted when the run was interrupted.
    chosen: usize,
    /// How many cases ended how.
    counts: Counts,
    /// How many requests were sent, discovery and clean-up included.
    requests: u64,
    /// How many of them were sent again because the connection failed before an answer began (`--retries`).
    retries: u64,
    /// From start to end, in milliseconds.
    time_ms: u64,
    /// The exit code: 0 passed the gate, 1 a finding above the gate, 3 target not reachable, 4 nothing judged, 5 the
    /// safety guard refused, 6 objects left behind, 130 interrupted.
    exit: u8,
    /// Whether the run was interrupted before every case had run.
    interrupted: bool,
    /// Objects the run created and could not remove.
    left_behind: Vec<LeftBehind>,
}

/// How many cases ended how.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Counts {
    /// Every expectation held.
    pass: usize,
    /// Findings below the gate only.
    warn: usize,
    /// A finding above the gate.
    fail: usize,
    /// Could not be judged.
    skip: usize,
    /// The world was broken.
    error: usize,
    /// Failed as the list of known failures says.
    known: usize,
    /// Passed although listed as known to fail.
    fixed: usize,
}

/// An object the run created and could not remove.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct LeftBehind {
    /// Its path below the base URL.
    path: String,
    /// Why it is still there.
    reason: String,
}

/// One case and how it ended.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Case {
    /// The permanent id, `suite/case`.
    id: String,
    /// The suite, the id's first part.
    suite: String,
    /// The Okta app it ran as, or null where the app plays no part. Id and app together are unique.
    app: Option<String>,
    /// What the case is called.
    title: String,
    /// How the case ended.
    outcome: Outcome,
    /// Why it was skipped, could not run, or is known to fail.
    reason: Option<String>,
    /// How binding the rule is.
    level: Level,
    /// How sure the rule is.
    basis: Basis,
    /// Why a reasonable reader may differ about the rule, if one may; then it warns and never fails.
    disputed: Option<String>,
    /// The one rule under test, as a sentence.
    rule: String,
    /// Where the rule comes from.
    refs: Vec<Reference>,
    /// What an administrator sees in Okta when the rule is broken.
    consequence: Option<String>,
    /// How to mend a server that breaks the rule.
    mend: Option<String>,
    /// Public reports of servers that broke the rule.
    bugs: Vec<VendorBug>,
    /// The expectations that did not hold.
    findings: Vec<Finding>,
    /// How the service provider reads the standard, where the case was to find that out and did; the name of a reading.
    reading: Option<String>,
    /// What was noticed on the way and is nobody's fault, a sentence each.
    notes: Vec<String>,
    /// What was sent, where the case is made of random inputs.
    fuzz: Option<FuzzRun>,
    /// Every exchange of the case in order, set-up and clean-up included; secrets are removed.
    exchanges: Vec<Exchange>,
    /// From the case's start to its end, clean-up included, in milliseconds.
    time_ms: u64,
    /// Where the case is written.
    location: Location,
}

/// How a case ended.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// Every expectation held.
    Pass,
    /// Expectations failed, none of them above the gate.
    Warn,
    /// At least one expectation failed above the gate.
    Fail,
    /// The case could not be judged on this service provider.
    Skip,
    /// The target could not be reached or spoke no HTTP.
    Error,
    /// The case failed as the list of known failures says.
    Known,
    /// The case passed although the list of known failures says it would not.
    Fixed,
}

/// How binding a rule is.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum Level {
    /// Okta's traffic breaks or is misled when the rule does not hold.
    Okta,
    /// An RFC MUST, SHALL or REQUIRED.
    Must,
    /// An RFC SHOULD or RECOMMENDED.
    Should,
    /// An RFC MAY or OPTIONAL.
    May,
}

/// How sure a rule is.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum Basis {
    /// Okta's own documentation or test files say so, or an RFC does.
    Documented,
    /// Seen in a public capture of Okta's traffic.
    Captured,
    /// Concluded from the evidence; it warns and never fails a service provider.
    Inferred,
}

/// What turns a run red.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Gate {
    /// Whatever breaks or misleads Okta, and any 5xx, hang, or lost data.
    Okta,
    /// The above and every undisputed RFC MUST.
    Rfc,
    /// The above and every RFC SHOULD.
    Strict,
}

/// Where a rule comes from.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Reference {
    /// The short form, for example `RFC7644 3.3`.
    id: String,
    /// What it is, in a line.
    title: String,
    /// Where to read it, if it is public.
    url: Option<String>,
}

/// A public report of a server that broke the rule.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct VendorBug {
    /// Its number in the catalogue of vendor bugs.
    row: u32,
    /// The project.
    project: String,
    /// What went wrong, in a line.
    summary: String,
    /// Where it was reported.
    url: String,
}

/// An expectation that did not hold.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Finding {
    /// What the gate made of it.
    verdict: Verdict,
    /// How binding the broken rule is.
    level: Level,
    /// How sure the rule is.
    basis: Basis,
    /// The step that showed it.
    step: String,
    /// One sentence: what was wrong.
    message: String,
    /// Where in the answer's JSON, as a JSON Pointer; null when it is not about JSON.
    pointer: Option<String>,
    /// What the suite asked for; a very long text ends with a note of how much is missing.
    expected: Option<String>,
    /// What the server did; a very long text ends with a note of how much is missing.
    actual: Option<String>,
    /// Where the expectation is written.
    location: Option<Location>,
    /// Index into the case's `exchanges` of the one that showed it.
    exchange: Option<usize>,
    /// A command line that sends the same request; secrets appear as shell variables.
    curl: Option<String>,
    /// The random input behind it, if it was one.
    fuzz: Option<FuzzFinding>,
    /// What tells this finding from another of the same case, the same in every run; lists of known failures name it.
    fingerprint: String,
}

/// What the gate made of a finding.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum Verdict {
    /// Above the gate.
    Fail,
    /// Below the gate.
    Warn,
}

/// A place in a suite file.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Location {
    /// The suite file, relative to the suites' root.
    file: String,
    /// Line, counted from 1.
    line: usize,
    /// Column in characters, counted from 1.
    column: usize,
    /// How many characters it has; at least 1.
    width: usize,
    /// The text of that line.
    source: String,
}

/// One request and what came of it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Exchange {
    /// The step it belongs to.
    step: String,
    /// When it began, in milliseconds since the Unix epoch.
    started_ms: i64,
    /// From there to the response's headers, in milliseconds.
    headers_ms: f64,
    /// From there to the response's last byte, in milliseconds.
    total_ms: f64,
    /// What was sent.
    request: Request,
    /// What came back; null when nothing usable did.
    response: Option<Response>,
    /// Why nothing usable came back.
    failure: Option<Failure>,
}

/// What was sent.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Request {
    /// The HTTP method.
    method: String,
    /// The whole URL, percent-encoded as sent.
    url: String,
    /// Headers in wire order.
    headers: Vec<Header>,
    /// The body; null if the request had none.
    body: Option<Body>,
}

/// What came back.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Response {
    /// The HTTP status code.
    status: u16,
    /// The reason phrase that goes with the status.
    reason: String,
    /// Headers in the order received.
    headers: Vec<Header>,
    /// The body; its text is redacted, so it may differ in length from `size`.
    body: Body,
    /// The size of the body on arrival, in bytes, after content decoding.
    size: usize,
}

/// A body as text.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Body {
    /// The text, from its beginning.
    text: String,
    /// How many characters at its end are missing here.
    cut: usize,
}

/// One header line.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Header {
    /// The name.
    name: String,
    /// The value, redacted where it is a secret.
    value: String,
}

/// Why nothing usable came back.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Failure {
    /// What kind of failure.
    kind: FailureKind,
    /// The failure, as a sentence.
    message: String,
}

/// What kind of failure.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
enum FailureKind {
    /// No connection.
    Unreachable,
    /// No complete response in time.
    TimedOut,
    /// The connection ended before the response did.
    Broken,
    /// The response passed a bound that protects the tester.
    TooLarge,
}

impl From<&Run> for Report {
    fn from(run: &Run) -> Report {
        let info = &run.info;
        Report {
            schema_version: SCHEMA_VERSION,
            tool: "rehearsal".to_owned(),
            version: info.version.clone(),
            target: info.target.clone(),
            specimen: info.specimen,
            tls_unverified: info.tls_unverified,
            run: info.run.clone(),
            seed: info.seed.clone(),
            gate: info.gate.into(),
            started: info.started.clone(),
            part: info.part.as_ref().map(Part::from),
            asked: info.asked.clone(),
            summary: summary(&run.summary, info.cases),
            dialect: run.cases.iter().filter_map(dialect).collect(),
            cases: all(&run.cases),
        }
    }
}

impl From<&scim_record::Part> for Part {
    fn from(part: &scim_record::Part) -> Part {
        Part { by: part.by.clone(), number: part.number, of: part.of, whole: part.whole.clone() }
    }
}

fn dialect(case: &scim_record::CaseRecord) -> Option<Dialect> {
    let scim_record::Reading { name, meaning } = case.reading.clone()?;
    Some(Dialect { case: case.id.clone(), app: case.app.clone(), title: case.title.clone(), reading: name, meaning })
}

pub(super) fn summary(summary: &scim_record::Summary, chosen: usize) -> Summary {
    Summary {
        chosen,
        counts: summary.counts.into(),
        requests: summary.requests,
        retries: summary.retries,
        time_ms: summary.time_ms,
        exit: summary.exit,
        interrupted: summary.interrupted,
        left_behind: all(&summary.left_behind),
    }
}

impl From<scim_record::Counts> for Counts {
    fn from(counts: scim_record::Counts) -> Counts {
        let scim_record::Counts { pass, warn, fail, skip, error, known, fixed } = counts;
        Counts { pass, warn, fail, skip, error, known, fixed }
    }
}

impl From<&scim_record::LeftBehind> for LeftBehind {
    fn from(left: &scim_record::LeftBehind) -> LeftBehind {
        LeftBehind { path: left.path.clone(), reason: left.reason.clone() }
    }
}

impl From<&scim_record::CaseRecord> for Case {
    fn from(case: &scim_record::CaseRecord) -> Case {
        Case {
            id: case.id.clone(),
            suite: case.suite.clone(),
            app: case.app.clone(),
            title: case.title.clone(),
            outcome: case.outcome.into(),
            reason: case.reason.clone(),
            level: case.level.into(),
            basis: case.basis.into(),
            disputed: case.disputed.clone(),
            rule: case.rule.clone(),
            refs: all(&case.refs),
            consequence: case.consequence.clone(),
            mend: case.mend.clone(),
            bugs: all(&case.bugs),
            findings: all(&case.findings),
            reading: case.reading.as_ref().map(|reading| reading.name.clone()),
            notes: case.notes.clone(),
            fuzz: case.fuzz.as_ref().map(Into::into),
            exchanges: all(&case.exchanges),
            time_ms: case.time_ms,
            location: (&case.location).into(),
        }
    }
}

impl From<scim_record::Outcome> for Outcome {
    fn from(outcome: scim_record::Outcome) -> Outcome {
        match outcome {
            scim_record::Outcome::Pass => Outcome::Pass,
            scim_record::Outcome::Warn => Outcome::Warn,
            scim_record::Outcome::Fail => Outcome::Fail,
            scim_record::Outcome::Skip => Outcome::Skip,
            scim_record::Outcome::Error => Outcome::Error,
            scim_record::Outcome::Known => Outcome::Known,
            scim_record::Outcome::Fixed => Outcome::Fixed,
        }
    }
}

impl From<scim_record::Level> for Level {
    fn from(level: scim_record::Level) -> Level {
        match level {
            scim_record::Level::Okta => Level::Okta,
            scim_record::Level::Must => Level::Must,
            scim_record::Level::Should => Level::Should,
            scim_record::Level::May => Level::May,
        }
    }
}

impl From<scim_record::Basis> for Basis {
    fn from(basis: scim_record::Basis) -> Basis {
        match basis {
            scim_record::Basis::Documented => Basis::Documented,
            scim_record::Basis::Captured => Basis::Captured,
            scim_record::Basis::Inferred => Basis::Inferred,
        }
    }
}

impl From<scim_record::Gate> for Gate {
    fn from(gate: scim_record::Gate) -> Gate {
        match gate {
            scim_record::Gate::Okta => Gate::Okta,
            scim_record::Gate::Rfc => Gate::Rfc,
            scim_record::Gate::Strict => Gate::Strict,
        }
    }
}

impl From<&scim_record::Reference> for Reference {
    fn from(reference: &scim_record::Reference) -> Reference {
        Reference { id: reference.id.clone(), title: reference.title.clone(), url: reference.url.clone() }
    }
}

impl From<&scim_record::VendorBug> for VendorBug {
    fn from(bug: &scim_record::VendorBug) -> VendorBug {
        VendorBug { row: bug.row, project: bug.project.clone(), summary: bug.summary.clone(), url: bug.url.clone() }
    }
}

impl From<&scim_record::Finding> for Finding {
    fn from(finding: &scim_record::Finding) -> Finding {
        Finding {
            verdict: finding.verdict.into(),
            level: finding.level.into(),
            basis: finding.basis.into(),
            step: finding.step.clone(),
            message: finding.message.clone(),
            pointer: finding.pointer.clone(),
            expected: finding.expected.as_deref().map(|text| clip(text, MOST_TEXT).into_owned()),
            actual: finding.actual.as_deref().map(|text| clip(text, MOST_TEXT).into_owned()),
            location: finding.location.as_ref().map(Location::from),
            exchange: finding.exchange,
            curl: finding.curl.clone(),
            fuzz: finding.fuzz.as_ref().map(Into::into),
            fingerprint: finding.fingerprint.clone(),
        }
    }
}

impl From<scim_record::Verdict> for Verdict {
    fn from(verdict: scim_record::Verdict) -> Verdict {
        match verdict {
            scim_record::Verdict::Fail => Verdict::Fail,
            scim_record::Verdict::Warn => Verdict::Warn,
        }
    }
}

impl From<&scim_record::Location> for Location {
    fn from(location: &scim_record::Location) -> Location {
        Location {
            file: location.file.clone(),
            line: location.line,
            column: location.column,
            width: location.width,
            source: location.source.clone(),
        }
    }
}

impl From<&scim_record::Exchange> for Exchange {
    fn from(exchange: &scim_record::Exchange) -> Exchange {
        Exchange {
            step: exchange.step.clone(),
            started_ms: exchange.timing.started_ms,
            headers_ms: to_microseconds(exchange.timing.headers_ms),
            total_ms: to_microseconds(exchange.timing.total_ms),
            request: (&exchange.request).into(),
            response: exchange.response.as_ref().map(Response::from),
            failure: exchange.failure.as_ref().map(Failure::from),
        }
    }
}

/// Rounds to what a clock can tell.
fn to_microseconds(ms: f64) -> f64 {
    (ms * 1000.0).round() / 1000.0
}

impl From<&scim_record::RequestRecord> for Request {
    fn from(request: &scim_record::RequestRecord) -> Request {
        Request {
            method: request.method.clone(),
            url: request.url.clone(),
            headers: all(&request.headers),
            body: request.body.as_deref().map(Body::from),
        }
    }
}

impl From<&scim_record::ResponseRecord> for Response {
    fn from(response: &scim_record::ResponseRecord) -> Response {
        Response {
            status: response.status,
            reason: response.reason.clone(),
            headers: all(&response.headers),
            body: response.body.as_str().into(),
            size: response.size,
        }
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Body {
        match text.char_indices().nth(MOST_TEXT) {
            Some((end, _)) => Body { text: text[..end].to_owned(), cut: text[end..].chars().count() },
            None => Body { text: text.to_owned(), cut: 0 },
        }
    }
}

impl From<&scim_record::Header> for Header {
    fn from(header: &scim_record::Header) -> Header {
        Header { name: header.name.clone(), value: header.value.clone() }
    }
}

impl From<&scim_record::Failure> for Failure {
    fn from(failure: &scim_record::Failure) -> Failure {
        let kind = match failure {
            scim_record::Failure::Unreachable { .. } => FailureKind::Unreachable,
            scim_record::Failure::TimedOut { .. } => FailureKind::TimedOut,
            scim_record::Failure::Broken { .. } => FailureKind::Broken,
            scim_record::Failure::TooLarge { .. } => FailureKind::TooLarge,
        };
        Failure { kind, message: failure.to_string() }
    }
}

fn all<'a, From, To: std::convert::From<&'a From>>(records: &'a [From]) -> Vec<To> {
    records.iter().map(To::from).collect()
}

pub(crate) const SCHEMA_VERSION: u32 = 1;

/// How many characters of one body or value a report keeps.
pub(crate) const MOST_TEXT: usize = 65_536;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_in_the_tree_is_the_one_of_these_types() {
        let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
        let schema = settings.into_generator().into_root_schema_for::<Report>();
        let text = serde_json::to_string_pretty(&schema).expect("a schema serialises") + "\n";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/report.schema.json");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(path, &text).expect("the schema can be written");
        }
        let found = std::fs::read_to_string(path).expect("the schema is in the tree");
        assert!(found == text, "report.schema.json is out of date; BLESS=1 rewrites it");
    }

    #[test]
    fn a_long_body_says_how_much_of_it_is_missing() {
        let body = Body::from("ä".repeat(MOST_TEXT + 3).as_str());
        assert_eq!((body.text.chars().count(), body.cut), (MOST_TEXT, 3));
    }
}
