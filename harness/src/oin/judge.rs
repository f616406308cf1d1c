//! What the cases of past runs show of one thing that is asked: the step from verdicts on cases to a row of the report.

use rehearsal_reports::PastRun;
use rehearsal_reports::readiness::{Evidence, Row, Standing};
use scim_record::{CaseRecord, Exchange, Outcome, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// The cases of all runs; of a case that ran several times, the last.
pub(crate) struct Shown<'r> {
    runs: &'r [PastRun],
    cases: Vec<(usize, &'r CaseRecord)>,
    /// The apps that a submission is installed as.
    apps: Vec<&'static str>,
}

/// One thing that is asked.
pub(crate) struct Asked<'a> {
    /// By what it can be called.
    pub(crate) id: &'a str,
    /// What it is, in a few words.
    pub(crate) title: &'a str,
    /// The cases that must have run for it to be shown.
    pub(crate) expected: Vec<&'a str>,
}

impl<'r> Shown<'r> {
    /// Looks at these runs as a submission that claims PATCH for the profile or not.
    pub(crate) fn of(runs: &'r [PastRun], by_patch: bool) -> Shown<'r> {
        let mut last: BTreeMap<(&str, Option<&str>), (usize, &CaseRecord)> = BTreeMap::new();
        let mut order: Vec<usize> = (0..runs.len()).collect();
        order.sort_by(|one, other| runs[*one].info.started.cmp(&runs[*other].info.started));
        for index in order {
            for case in runs[index].cases.iter().filter(|case| is_of_target(case, &runs[index].info.target)) {
                last.insert((&case.id, case.app.as_deref()), (index, case));
            }
        }
        let apps = if by_patch { vec!["catalog", "wizard"] } else { vec!["catalog"] };
        Shown { runs, cases: last.into_values().collect(), apps }
    }

    /// Returns every case that counts, with its run.
    pub(crate) fn cases(&self) -> impl Iterator<Item = (usize, &'r CaseRecord)> + '_ {
        self.cases.iter().copied()
    }

    /// Returns the base URL of a run.
    pub(crate) fn target(&self, run: usize) -> &str {
        &self.runs[run].info.target
    }

    /// Returns the row of one thing, by the cases of which `is` holds.
    ///
    /// Cases of the kind of app that is never submitted count only where there are no others.
    pub(crate) fn row(&self, asked: &Asked<'_>, is: impl Fn(&CaseRecord) -> bool) -> Row {
        let of = |private: bool| -> Vec<(usize, &CaseRecord)> {
            let fits = |case: &CaseRecord| {
                is(case) && if private { case.app.as_deref() == Some("aiw") } else { self.is_submitted(case) }
            };
            self.cases().filter(|(_, case)| fits(case)).collect()
        };
        let submitted = of(false);
        let cases = if submitted.is_empty() { of(true) } else { submitted };
        self.judged(asked, cases)
    }

    /// Returns the row of one thing, by these cases whatever they ran as.
    pub(crate) fn judged(&self, asked: &Asked<'_>, mut cases: Vec<(usize, &CaseRecord)>) -> Row {
        cases.sort_by_key(|(_, case)| rank(case.outcome));
        let ran: BTreeSet<&str> = cases.iter().map(|(_, case)| case.id.as_str()).collect();
        let absent: Vec<&str> = asked.expected.iter().filter(|id| !ran.contains(**id)).copied().collect();
        let (standing, told) = standing(&cases, &absent);
        let evidence = cases.into_iter().map(|(run, case)| self.evidence(run, case)).collect();
        Row { id: asked.id.to_owned(), title: asked.title.to_owned(), standing, told, evidence }
    }

    /// Tells whether a case ran as a submitted app does.
    pub(crate) fn is_submitted(&self, case: &CaseRecord) -> bool {
        let is_story = case.suite.starts_with("lifecycle/");
        let is_old = case.suite.starts_with("scim11/");
        !is_old && (is_story || case.app.as_deref().is_none_or(|app| self.apps.contains(&app)))
    }

    fn evidence(&self, run: usize, case: &CaseRecord) -> Evidence {
        let base = self.target(run);
        let lines = case.exchanges.iter().filter(|exchange| !OWN.contains(&exchange.step.as_str())).take(EXCHANGES);
        Evidence {
            run,
            case: case.id.clone(),
            app: case.app.clone(),
            outcome: case.outcome.name().to_owned(),
            told: (case.outcome != Outcome::Pass).then(|| trouble(case)).flatten(),
            exchanges: lines.map(|exchange| line(exchange, base)).collect(),
        }
    }
}

/// Says what was wrong with a case, or why it was not judged.
pub(crate) fn trouble(case: &CaseRecord) -> Option<String> {
    let first = case.findings.iter().find(|finding| finding.verdict == Verdict::Fail).or(case.findings.first());
    first.map(|finding| finding.message.clone()).or_else(|| case.reason.clone())
}

/// Tells whether a case that was skipped was skipped because something else broke.
pub(crate) fn is_blocked(case: &CaseRecord) -> bool {
    case.outcome == Outcome::Skip
        && case.reason.as_deref().is_some_and(|why| why.starts_with("needs ") && why.contains(", which "))
}

fn standing(cases: &[(usize, &CaseRecord)], absent: &[&str]) -> (Standing, String) {
    let with = |outcomes: &[Outcome]| cases.iter().filter(|(_, case)| outcomes.contains(&case.outcome)).count();
    let (failed, good) =
        (with(&[Outcome::Fail, Outcome::Known]), with(&[Outcome::Pass, Outcome::Warn, Outcome::Fixed]));
    let total = cases.len();
    let first = cases.first().map(|(_, case)| *case);
    let why = || first.and_then(trouble).unwrap_or_default();
    if failed > 0 {
        return (Standing::Failed, format!("{failed} of {} fail: {}", plural(total), why()));
    }
    let stuck = cases.iter().find(|(_, case)| case.outcome == Outcome::Error || is_blocked(case));
    if let Some((_, case)) = stuck {
        return (Standing::Unproven, format!("{} could not be judged: {}", case.id, trouble(case).unwrap_or_default()));
    }
    if !absent.is_empty() {
        let more = absent.len() - 1;
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        return (Standing::Unproven, format!("not in these runs: {}{more}", absent[0]));
    }
    match (good, total) {
        (0, 0) => (Standing::Unproven, "no case of these runs looks at it".to_owned()),
        (0, _) => (Standing::DoesNotApply, why()),
        _ if with(&[Outcome::Warn]) > 0 => (Standing::Proven, format!("with a warning: {}", why())),
        _ => (Standing::Proven, String::new()),
    }
}

fn plural(number: usize) -> String {
    if number == 1 { "1 case".to_owned() } else { format!("{number} cases") }
}

/// What is worst comes first.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Fail => 0,
        Outcome::Known => 1,
        Outcome::Error => 2,
        Outcome::Warn => 3,
        Outcome::Skip => 4,
        Outcome::Fixed => 5,
        Outcome::Pass => 6,
    }
}

/// In a story, apps push to specimens beside the target; what these hold says nothing about it.
fn is_of_target(case: &CaseRecord, target: &str) -> bool {
    case.exchanges.is_empty() || case.exchanges.iter().any(|exchange| exchange.request.url.starts_with(target))
}

fn line(exchange: &Exchange, base: &str) -> String {
    let url = exchange.request.url.strip_prefix(base).unwrap_or(&exchange.request.url);
    let url: String = url.chars().take(LONG_URL).collect();
    let answer = match (&exchange.response, &exchange.failure) {
        (Some(response), _) => response.status.to_string(),
        (None, Some(failure)) => failure.to_string(),
        (None, None) => "no answer".to_owned(),
    };
    format!("{} {url} → {answer} in {:.0} ms", exchange.request.method, exchange.timing.total_ms)
}

/// How many exchanges of a case are shown.
/// The steps of exchanges that the program sends of its own accord, which prove nothing about the server.
const OWN: [&str; 2] = [crate::client::CLEAN_UP, crate::client::LOOK];
const EXCHANGES: usize = 4;
const LONG_URL: usize = 120;
