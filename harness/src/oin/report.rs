//! Puts the readiness report together from past runs, a manifest and attestations.

use super::attest::{Attestation, ITEMS};
use super::judge::{Asked, Shown};
use super::lint::Linted;
use super::manifest::Manifest;
use super::{attributes, claims, risks};
use crate::suites::Suites;
use rehearsal_reports::PastRun;
use rehearsal_reports::readiness::Manifest as ManifestPart;
use rehearsal_reports::readiness::{
    Attested, Bucket, Claim, Gate, HumanItem, Lint, PlanRow, Readiness, Ready, Row, Run, Standing, Timing, Verdict,
};
use scim_record::{CaseRecord, Failure, Level, Outcome, Verdict as Gated};
use scim_suite::{AppKind, Diagnostic, PlanClass, PlanRow as Asks, ScimVersion};
use std::collections::{BTreeMap, BTreeSet};

/// What a report is made of.
pub(crate) struct Material<'m> {
    pub(crate) suites: &'m Suites,
    /// The runs, with the files they were read from.
    pub(crate) runs: &'m [PastRun],
    pub(crate) files: &'m [String],
    pub(crate) manifest: Option<(&'m Manifest, Linted)>,
    /// The attestations that can be used, and what is wrong with others.
    pub(crate) attested: (Vec<Attestation>, Vec<Diagnostic>),
}

/// Returns the report.
pub(crate) fn report(material: Material<'_>) -> Readiness {
    let Material { suites, runs, files, manifest, attested: (attested, wrong) } = material;
    let (manifest, linted) = manifest.map_or((None, None), |(manifest, linted)| (Some(manifest), Some(linted)));
    let by_patch = manifest.is_none_or(|manifest| manifest.claims_user("patch"));
    let shown = Shown::of(runs, by_patch);
    let judge = Judge { suites, shown: &shown, manifest, attested: &attested };
    let gates = judge.gates();
    let plan = judge.plan();
    let operations = claims::operations(&shown, manifest);
    let timing = timing(runs);
    let mut rules = judge.rules(runs, &timing);
    let human = judge.human(&plan, &rules);
    let stories = judge.stories();
    let told_of = gates.iter().flat_map(|gate| &gate.rows).chain(plan.iter().map(|row| &row.row)).chain(&rules);
    let unnamed = judge.unnamed(told_of.chain(&stories));
    rules.extend(unnamed);
    let lints = linted.iter().flat_map(|linted| &linted.wrong).chain(&wrong).map(told).collect();
    let part = ManifestPart {
        file: manifest.map(|manifest| manifest.file.path.clone()),
        base_url: linted.as_ref().and_then(|linted| linted.base_url.clone()),
        lints,
        missing: linted.map(|linted| linted.missing).unwrap_or_default(),
    };
    let mut report = Readiness {
        schema_version: Readiness::SCHEMA_VERSION,
        tool: "rehearsal".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        integration: manifest.map(|manifest| manifest.says.app.name.get_ref().clone()),
        verdict: Verdict {
            ready: Ready::NotReady,
            sentence: String::new(),
            failed: 0,
            unproven: 0,
            human: 0,
            reasons: Vec::new(),
        },
        profile: if by_patch {
            "an app of the catalog, profiles by PUT or PATCH"
        } else {
            "an app of the catalog, profiles by PUT"
        }
        .to_owned(),
        auth: manifest.and_then(|manifest| manifest.says.auth.as_ref()).map(|auth| auth.mode.get_ref().clone()),
        okta_release: OKTA_RELEASE.to_owned(),
        runs: runs.iter().zip(files).map(|(run, file)| past(run, file)).collect(),
        gates,
        plan,
        operations,
        attributes: attributes::attributes(&shown, manifest),
        rules,
        timing,
        manifest: part,
        stories,
        human,
        risks: risks::risks(runs, manifest),
    };
    report.verdict = verdict(&report);
    report
}

struct Judge<'j> {
    suites: &'j Suites,
    shown: &'j Shown<'j>,
    manifest: Option<&'j Manifest>,
    attested: &'j [Attestation],
}

impl<'j> Judge<'j> {
    /// Returns the row of whatever names a source.
    fn by_ref(&self, id: &str, title: &str, source: &str) -> Row {
        let asked = Asked { id, title, expected: self.expected(source) };
        self.shown.row(&asked, |case| case.refs.iter().any(|reference| reference.id == source))
    }

    /// Returns the cases of the suites that name a source and that a submission is judged by.
    fn expected(&self, source: &str) -> Vec<&'j str> {
        let of = |kinds: &[AppKind]| -> Vec<&'j str> {
            let cases = self.suites.plan.cases.iter().filter(|case| case.refs.iter().any(|id| id == source));
            let fits = cases.filter(|case| {
                let is_old = !case.apps.is_empty() && case.apps.iter().all(|app| app.version == ScimVersion::V1_1);
                let is_kind = case.apps.is_empty() || case.apps.iter().any(|app| kinds.contains(&app.kind));
                is_kind && !is_old && !case.id.starts_with("scim11/")
            });
            fits.map(|case| case.id.as_str()).collect()
        };
        let wizard = self.manifest.is_some_and(|manifest| manifest.claims_user("patch"));
        let submitted = of(if wizard { &[AppKind::Catalog, AppKind::Wizard] } else { &[AppKind::Catalog] });
        if submitted.is_empty() { of(&[AppKind::Aiw]) } else { submitted }
    }

    fn gates(&self) -> Vec<Gate> {
        let spec = (1..=12).map(|number| {
            let source = format!("okta/spec-{number}");
            let title = self.suites.catalog.reference(&source).map_or(source.as_str(), |known| &known.title);
            let title = title.rsplit_once(": ").map_or(title, |(_, title)| title).to_owned();
            let mut row = self.by_ref(&format!("request {number}"), &title, &source);
            if number == 10 && !self.claims_groups() {
                does_not_apply(&mut row, "groups are not claimed");
            }
            row
        });
        let crud = CRUD.iter().map(|(source, title)| self.by_ref(source, title, source));
        let mut entitlements =
            self.by_ref("okta/entitlements-test", "The list at each endpoint", "okta/entitlements-test");
        if self.manifest.is_some_and(|manifest| manifest.says.entitlement.is_empty()) {
            does_not_apply(&mut entitlements, "entitlements are not claimed");
        }
        let mut gates = vec![
            gate("spec", "The SPEC file, by the suites", spec.collect()),
            gate("crud", "The CRUD file, by the suites and a mock org", crud.collect()),
            gate("entitlements", "The entitlements file, by the suites", vec![entitlements]),
        ];
        gates.extend(self.played());
        gates
    }

    /// Returns a gate for each file of Okta's that was run as downloaded.
    fn played(&self) -> Vec<Gate> {
        let mut files: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
        for (run, case) in self.shown.cases().filter(|(_, case)| case.suite.starts_with("runscope/")) {
            let asked = Asked { id: &case.id, title: &case.title, expected: Vec::new() };
            files.entry(&case.suite).or_default().push(self.shown.judged(&asked, vec![(run, case)]));
        }
        files.into_iter().map(|(file, rows)| gate(file, &format!("{file}, as Okta publishes it"), rows)).collect()
    }

    /// Returns a row for each case that breaks Okta and that none of these rows tells of.
    fn unnamed<'r>(&self, rows: impl Iterator<Item = &'r Row>) -> Vec<Row> {
        let told: BTreeSet<(&str, Option<&str>)> =
            rows.flat_map(|row| &row.evidence).map(|it| (it.case.as_str(), it.app.as_deref())).collect();
        let breaks = |case: &CaseRecord| match case.outcome {
            Outcome::Fail => case.findings.iter().any(|it| it.verdict == Gated::Fail && it.level == Level::Okta),
            Outcome::Known => case.level == Level::Okta,
            _ => false,
        };
        let cases = self.shown.cases().filter(|(_, case)| breaks(case) && self.shown.is_submitted(case));
        let unnamed = cases.filter(|(_, case)| !told.contains(&(case.id.as_str(), case.app.as_deref())));
        let row = |(run, case): (usize, &CaseRecord)| {
            let asked = Asked { id: &case.id, title: &case.title, expected: Vec::new() };
            self.shown.judged(&asked, vec![(run, case)])
        };
        unnamed.map(row).collect()
    }

    fn claims_groups(&self) -> bool {
        self.manifest.is_none_or(|manifest| !manifest.says.scim.groups.is_empty())
    }

    fn plan(&self) -> Vec<PlanRow> {
        let rows = self.suites.catalog.plan.iter();
        rows.map(|asks| PlanRow {
            row: self.plan_row(asks),
            feature: asks.feature.clone(),
            class: asks.class.name().to_owned(),
        })
        .collect()
    }

    fn plan_row(&self, asks: &Asks) -> Row {
        let mut row = self.by_ref(&asks.id, &asks.title, &asks.id);
        if let Some(reason) = self.unclaimed(asks) {
            does_not_apply(&mut row, reason);
            return row;
        }
        let has_cases = !row.evidence.is_empty() || !self.expected(&asks.id).is_empty();
        if matches!(asks.class, PlanClass::Auto { .. }) {
            // What is set up for every case has none of its own.
            if !has_cases && asks.feature == "set-up" {
                let any = self.shown.cases().any(|(_, case)| case.app.is_some() && case.outcome == Outcome::Pass);
                row.standing = if any { Standing::Proven } else { Standing::Unproven };
                row.told = asks.class.how().unwrap_or_default().to_owned();
            }
            return row;
        }
        let is_open = !has_cases || matches!(asks.class, PlanClass::Human { .. });
        if is_open || row.standing == Standing::Proven {
            let holds = self.attested.iter().find(|attested| attested.row == asks.id && !attested.is_expired);
            let machine = if is_open { "" } else { "the machine's part passed; " };
            (row.standing, row.told) = match holds {
                Some(attested) => {
                    (Standing::Attested, format!("{machine}attested by {} on {}", attested.by, attested.on))
                }
                None => (
                    Standing::HumanOpen,
                    format!("{machine}a person still does: {}", asks.class.left().unwrap_or_default()),
                ),
            };
        }
        row
    }

    /// Says why a row does not concern this integration, if so.
    fn unclaimed(&self, asks: &Asks) -> Option<&'static str> {
        match (asks.feature.as_str(), asks.id.as_str()) {
            ("profile source", _) => return Some("the Wizard does not offer profile sourcing"),
            (_, "C9342") => return Some("submissions do not have SWA any more"),
            _ => {}
        }
        let manifest = self.manifest?;
        let is_claimed = match (asks.feature.as_str(), asks.id.as_str()) {
            (_, "C21902") => manifest.says.auth.as_ref().is_some_and(|auth| auth.mode.get_ref() == "oauth"),
            (_, "C9338" | "C9313" | "C9314") | ("group push", _) => self.claims_groups(),
            ("update", _) => manifest.claims_user("update"),
            ("deprovision", _) => manifest.claims_user("deactivate"),
            ("passwords", _) => manifest.claims_user("change-password"),
            ("entitlements", _) => !manifest.says.entitlement.is_empty(),
            ("user schema", _) => manifest.claims_user("import-schema"),
            _ => true,
        };
        (!is_claimed).then_some("the feature is not claimed")
    }

    fn rules(&self, runs: &[PastRun], timing: &Timing) -> Vec<Row> {
        let mut rows = vec![self.tls(runs), in_time(runs, timing)];
        for (id, title, cases, about_groups) in RULES {
            let asked = Asked { id, title, expected: cases.to_vec() };
            let mut row = self.shown.row(&asked, |case| cases.contains(&case.id.as_str()));
            if *about_groups && !self.claims_groups() {
                does_not_apply(&mut row, "groups are not claimed");
            }
            rows.push(row);
        }
        let asked = Asked { id: "traffic", title: "Nothing else that Okta sends breaks", expected: Vec::new() };
        let mut rest = self.shown.row(&asked, |case| {
            let is_group = case.suite == "okta/groups";
            case.suite.starts_with("okta/") && (!is_group || self.claims_groups())
        });
        // Hundreds of cases that hold are no evidence anybody reads.
        rest.evidence.retain(|evidence| ["fail", "known"].contains(&evidence.outcome.as_str()));
        rows.push(rest);
        rows
    }

    fn tls(&self, runs: &[PastRun]) -> Row {
        let over = runs.iter().any(|run| run.info.target.starts_with("https://"));
        let holds = self.attested.iter().any(|attested| attested.row == "tls" && !attested.is_expired);
        let (standing, told) = match (over, holds) {
            (true, _) => (Standing::Proven, "a run was made over TLS"),
            (false, true) => (Standing::Attested, "no run was made over TLS"),
            (false, false) => (Standing::HumanOpen, "no run was made over TLS"),
        };
        Row {
            id: "tls".to_owned(),
            title: "The server is reached over TLS".to_owned(),
            standing,
            told: told.to_owned(),
            evidence: Vec::new(),
        }
    }

    fn stories(&self) -> Vec<Row> {
        let mut stories: Vec<&str> = Vec::new();
        for (_, case) in self.shown.cases().filter(|(_, case)| case.suite.starts_with("lifecycle/")) {
            if !stories.contains(&case.suite.as_str()) {
                stories.push(&case.suite);
            }
        }
        stories
            .into_iter()
            .map(|story| {
                self.shown.row(&Asked { id: story, title: story, expected: Vec::new() }, |case| case.suite == story)
            })
            .collect()
    }

    fn human(&self, plan: &[PlanRow], rules: &[Row]) -> Vec<HumanItem> {
        let open = |id: &str| plan.iter().any(|row| row.row.id == id && row.row.standing != Standing::DoesNotApply);
        let rows = self.suites.catalog.plan.iter().filter(|row| open(&row.id));
        let rows = rows.filter_map(|row| Some((row.id.as_str(), format!("{}: {}", row.title, row.class.left()?))));
        let is_over_tls = rules.iter().any(|row| row.id == "tls" && row.standing == Standing::Proven);
        let items = ITEMS.iter().filter(|(id, _)| *id != "tls" || !is_over_tls);
        rows.chain(items.map(|(id, what)| (*id, (*what).to_owned()))).map(|(id, what)| self.item(id, what)).collect()
    }

    fn item(&self, id: &str, what: String) -> HumanItem {
        let attested = self.attested.iter().find(|attested| attested.row == id);
        let links = self.manifest.and_then(|manifest| manifest.says.runscope.as_ref());
        let link = links.and_then(|links| match id {
            "runscope-spec" => links.spec.as_ref(),
            "runscope-crud" => links.crud.as_ref(),
            _ => None,
        });
        let state = match attested {
            // A link that is in the manifest is the result itself.
            None if link.is_some() => Attested::Attested,
            None => Attested::Open,
            Some(attested) if attested.is_expired => Attested::Expired,
            Some(_) => Attested::Attested,
        };
        HumanItem {
            id: id.to_owned(),
            what,
            state,
            by: attested.map(|attested| attested.by.clone()).or_else(|| link.map(|_| "the manifest".to_owned())),
            on: attested.map(|attested| attested.on.to_string()),
            note: attested.and_then(|attested| attested.note.clone()),
        }
    }
}

fn does_not_apply(row: &mut Row, reason: &str) {
    row.standing = Standing::DoesNotApply;
    reason.clone_into(&mut row.told);
}

/// Returns a gate; it stands as its worst row.
fn gate(id: &str, title: &str, rows: Vec<Row>) -> Gate {
    let first = |standing| rows.iter().find(|row| row.standing == standing);
    let (standing, told) = match (first(Standing::Failed), first(Standing::Unproven), first(Standing::Proven)) {
        (Some(row), ..) => (Standing::Failed, format!("Runscope will show a failure at {}: {}", row.id, row.title)),
        (None, Some(row), _) => {
            (Standing::Unproven, format!("these runs do not say what Runscope will show at {}", row.id))
        }
        (None, None, Some(_)) => (Standing::Proven, "Runscope should show that all passed".to_owned()),
        _ => (Standing::DoesNotApply, rows.first().map(|row| row.told.clone()).unwrap_or_default()),
    };
    Gate { id: id.to_owned(), title: title.to_owned(), standing, told, rows }
}

fn past(run: &PastRun, file: &str) -> Run {
    let info = &run.info;
    Run {
        file: file.to_owned(),
        target: info.target.clone(),
        specimen: info.specimen,
        run: info.run.clone(),
        seed: info.seed.clone(),
        gate: info.gate.name().to_owned(),
        started: info.started.clone(),
        version: info.version.clone(),
        asked: info.asked.clone(),
        cases: run.cases.len(),
        requests: run.summary.requests,
        exit: run.summary.exit,
    }
}

fn told(mistake: &Diagnostic) -> Lint {
    let place = mistake.span().location();
    Lint {
        code: mistake.code().to_owned(),
        is_error: !mistake.is_warning(),
        place: format!("{}:{}:{}", place.file, place.line, place.column),
        message: mistake.message().to_owned(),
        help: mistake.help_text().map(str::to_owned),
    }
}

fn timing(runs: &[PastRun]) -> Timing {
    let mut timing = Timing {
        buckets: BOUNDS.iter().map(|(name, _)| Bucket { name: (*name).to_owned(), answers: 0 }).collect(),
        ..Timing::default()
    };
    for exchange in runs.iter().flat_map(|run| &run.cases).flat_map(|case| &case.exchanges) {
        let ms = exchange.timing.total_ms;
        let Some(bucket) = BOUNDS.iter().position(|(_, bound)| ms < *bound).filter(|_| exchange.response.is_some())
        else {
            continue;
        };
        timing.answers += 1;
        timing.buckets[bucket].answers += 1;
        if ms > timing.longest_ms {
            timing.longest_ms = ms;
            timing.longest = format!("{} {}", exchange.request.method, exchange.request.url);
        }
    }
    timing
}

fn in_time(runs: &[PastRun], timing: &Timing) -> Row {
    let exchanges = runs.iter().flat_map(|run| &run.cases).flat_map(|case| &case.exchanges);
    let hangs = exchanges.filter(|exchange| matches!(exchange.failure, Some(Failure::TimedOut { .. }))).count();
    let (standing, told) = match (hangs, timing.answers) {
        (0, 0) => (Standing::Unproven, "the runs hold no answers".to_owned()),
        (0, _) if timing.longest_ms < 60_000.0 => {
            (Standing::Proven, format!("the longest took {:.0} ms", timing.longest_ms))
        }
        _ => (
            Standing::Failed,
            format!("{hangs} answers did not come in time; the longest took {:.0} ms", timing.longest_ms),
        ),
    };
    Row { id: "in-time".to_owned(), title: "Answers come within 60 s".to_owned(), standing, told, evidence: Vec::new() }
}

/// Decides, and says what stands in the way: each case that fails once, with the rows it takes down.
fn verdict(report: &Readiness) -> Verdict {
    let gates = report.gates.iter().flat_map(|gate| &gate.rows);
    let rows: Vec<&Row> =
        gates.chain(report.plan.iter().map(|row| &row.row)).chain(&report.rules).chain(&report.stories).collect();
    let with = |standing| rows.iter().filter(move |row| row.standing == standing);
    let claims = |finding| report.operations.iter().filter(move |operation| operation.finding == finding);
    let errors: Vec<&Lint> = report.manifest.lints.iter().filter(|lint| lint.is_error).collect();
    let mut reasons: Vec<String> =
        errors.iter().map(|lint| format!("{}: {} [{}]", lint.place, lint.message, lint.code)).collect();
    reasons.extend(causes(with(Standing::Failed).copied()));
    reasons.extend(
        claims(Claim::ClaimedAndFails)
            .map(|operation| format!("claimed, and it does not work: {}. {}", operation.name, operation.told)),
    );
    let unshown: BTreeSet<&str> = with(Standing::Unproven).map(|row| row.id.as_str()).collect();
    if !unshown.is_empty() {
        reasons.push(not_shown(&unshown));
    }
    let failed = with(Standing::Failed).count() + claims(Claim::ClaimedAndFails).count() + errors.len();
    let open = report.human.iter().filter(|item| item.state != Attested::Attested).count();
    let human = open + report.manifest.missing.len() + usize::from(report.manifest.file.is_none());
    let whose = if report.runs.iter().any(|run| run.specimen) {
        " This is the embedded specimen, and not your server."
    } else {
        ""
    };
    let (ready, sentence) = match (failed, unshown.len(), human) {
        (0, 0, 0) => (Ready::Ready, "Everything was shown by cases or is attested by a person.".to_owned()),
        (0, 0, _) => {
            (Ready::ReadyExceptHuman, format!("What a machine can show was shown; {human} things are left to people."))
        }
        (0, unshown, _) => {
            (Ready::NotReady, format!("Nothing failed, but {unshown} rows were not shown by these runs."))
        }
        (1, ..) => (Ready::NotReady, "One thing that a submission needs does not hold.".to_owned()),
        (failed, ..) => (Ready::NotReady, format!("{failed} things that a submission needs do not hold.")),
    };
    Verdict { ready, sentence: sentence + whose, failed, unproven: unshown.len(), human, reasons }
}

/// Says how many rows nothing was learnt about, and names the first of them.
fn not_shown(rows: &BTreeSet<&str>) -> String {
    const NAMED: usize = 8;
    let named: Vec<&str> = rows.iter().copied().take(NAMED).collect();
    let rest = match rows.len().saturating_sub(NAMED) {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    format!("not shown by these runs: {}{rest}", named.join(", "))
}

/// Names each case that fails once, with the rows it takes down.
fn causes<'r>(rows: impl Iterator<Item = &'r Row>) -> Vec<String> {
    let mut causes: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for row in rows {
        let failing = row.evidence.iter().filter(|evidence| ["fail", "known"].contains(&evidence.outcome.as_str()));
        let mut whys: Vec<(&str, &str)> =
            failing.map(|it| (it.case.as_str(), it.told.as_deref().unwrap_or("it fails"))).collect();
        if whys.is_empty() {
            whys.push((&row.title, &row.told));
        }
        for (case, why) in whys {
            match causes.iter_mut().find(|(known, ..)| *known == case) {
                Some((.., ids)) if ids.contains(&row.id.as_str()) => {}
                Some((.., ids)) => ids.push(&row.id),
                None => causes.push((case, why, vec![&row.id])),
            }
        }
    }
    causes.into_iter().map(|(case, why, ids)| format!("{case}: {why} ({})", ids.join(", "))).collect()
}

/// Okta's documentation, as of which the plan, the rules and the disputes are.
const OKTA_RELEASE: &str = "2026.08.2";
/// What the CRUD file makes Okta do, by the rows of the plan that ask the same.
const CRUD: &[(&str, &str)] = &[
    ("C9306", "The app is connected"),
    ("C9290", "A person is assigned, and the user created"),
    ("C9291", "The person changes, and the user with them"),
    ("C9292", "The person is deactivated, and the user with them"),
    ("C9293", "The person is active again, and so is the user"),
    ("C9294", "The person is unassigned"),
];
/// What a histogram of answers is made of.
const BOUNDS: &[(&str, f64)] = &[
    ("under 100 ms", 100.0),
    ("under 600 ms", 600.0),
    ("under 1 s", 1_000.0),
    ("under 5 s", 5_000.0),
    ("under 60 s", 60_000.0),
    ("60 s and more", f64::INFINITY),
];

type Rule = (&'static str, &'static str, &'static [&'static str], bool);

/// What Okta documents for every server: id, rule, the cases that show it, and whether it is about groups.
pub(super) const RULES: &[Rule] = &[
    (
        "secured",
        "Nobody gets in without the right credentials",
        &[
            "okta/connect/no-credentials-are-refused",
            "okta/connect/wrong-credentials-are-refused",
            "okta/spec/wrong-token-is-401",
        ],
        false,
    ),
    (
        "stored",
        "Names, address and active are stored",
        &[
            "okta/users/assign-new",
            "okta/users/assign-new-keeps-the-email",
            "okta/spec/create-echoes-names",
            "okta/spec/create-answers-active",
        ],
        false,
    ),
    ("id", "The id stays", &["okta/users/update-keeps-the-id"], false),
    (
        "filter",
        "Users are found by userName",
        &["okta/users/lookup-finds-the-user", "okta/spec/upper-case-lookup-is-answered"],
        false,
    ),
    ("group-filter", "Groups are found by displayName", &["okta/groups/lookup-finds-exactly-the-group"], true),
    (
        "paging",
        "Lists are paged, with integers and a stable order",
        &[
            "okta/connect/counters-are-integers",
            "okta/connect/page-size-is-honoured",
            "okta/connect/pages-keep-their-order",
            "okta/import/more-than-a-page",
        ],
        false,
    ),
    ("no-match", "A lookup without a match is an empty list", &["okta/spec/unknown-username-is-an-empty-list"], false),
    ("duplicate", "A second user of the same name is refused with 409", &["okta/spec/duplicate-is-409"], false),
    ("create", "A create answers the user", &["okta/spec/create-answers-201"], false),
    ("patch", "A PATCH answers the user or nothing", &["okta/lifecycle/patch-answer-is-the-user-or-nothing"], false),
    (
        "group-patch",
        "A PATCH of a group answers the group or nothing",
        &["okta/groups/patch-answers-the-group-or-nothing"],
        true,
    ),
    ("unknown", "An unknown id is 404", &["okta/spec/unknown-id-is-404"], false),
    ("busy", "A busy server says how many seconds to wait", &["okta/assignments/busy-server-names-seconds"], false),
    ("errors", "Errors say what is wrong", &["okta/users/refused-create-says-why"], false),
    ("password", "Passwords never come back", &["okta/users/password-is-never-returned"], false),
];
