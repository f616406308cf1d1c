//! A case that cannot fail proves nothing: each must turn red, or at least warn, on some fault or quirk of the specimen,
//! and each fault must turn some case red. What kills what is published in `suites/kill-matrix.md`.
//!
//! `BLESS=1` runs every case against every fault, which takes minutes, and writes the matrix; `BLESS=more` tries only the
//! cases that the matrix does not know yet, and adds them; `BLESS=new` tries the faults and quirks it does not know yet
//! against the random inputs, and drops those there are no more. Without it the matrix is a certificate: it has to name all
//! that there is, and enough of what it says is tried to prove the sentence above. What takes more random inputs than a
//! usual run has is proved by the tests of those.

mod common;
#[path = "fuzzing/found.rs"]
mod found;

use common::run_on_config;
use rehearsal::suites::Suites;
use rehearsal::{Seed, suites};
use scim_record::{CaseRecord, Gate, Outcome, Summary};
use scim_specimen::{Config, Fault};
use scim_suite::{Case, TargetKind};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, thread};

#[test]
fn every_case_fails_on_some_fault_and_every_fault_fails_some_case() {
    let suites = suites::load(&[]).expect("the embedded suites");
    let mut wrong = complaints_without_faults(&suites);
    if env::var_os("BLESS").is_some() {
        let matrix = match env::var("BLESS").as_deref() {
            Ok("more" | "new") => Matrix::parse(&fs::read_to_string(PUBLISHED).expect("the published matrix")),
            _ => Matrix::of(&suites),
        };
        let matrix = match env::var("BLESS").as_deref() {
            Ok("new") => matrix.with_new_faults(&suites),
            _ => matrix.with_idle_cases(&suites),
        };
        wrong.extend(matrix.gaps(&suites));
        fs::write(PUBLISHED, matrix.to_string()).expect("the matrix can be written");
    } else {
        let matrix = Matrix::parse(&fs::read_to_string(PUBLISHED).expect("the published matrix"));
        wrong.extend(matrix.gaps(&suites));
        wrong.extend(matrix.lies(&suites));
    }
    assert!(wrong.is_empty(), "(a case or fault the matrix does not know yet: BLESS=1 runs them all)\n{wrong:#?}");
}

/// Returns what the suites find wrong with the correct specimen under the strictest gate: nothing.
fn complaints_without_faults(suites: &Suites) -> Vec<String> {
    let (records, summary) = run(suites, &[], &[], Gate::Strict);
    let complaint = |record: &CaseRecord| {
        let findings = record.findings.iter().map(|finding| finding.message.as_str());
        let why: Vec<&str> = record.reason.as_deref().into_iter().chain(findings).collect();
        format!("{} ends in {} on the correct specimen: {}", record.id, record.outcome, why.join("; "))
    };
    // Profiles forbid what the RFCs allow, so the specimen, which keeps to the RFCs, cannot please all of them.
    let profiles: BTreeSet<&str> = cases(suites).filter(|case| case.opt_in).map(|case| case.id.as_str()).collect();
    let is_wrong = |record: &&CaseRecord| record.outcome != Outcome::Pass && !profiles.contains(record.id.as_str());
    let wrong = records.iter().filter(is_wrong).map(complaint);
    let left = summary.left_behind.iter().map(|object| format!("{} is left behind: {}", object.path, object.reason));
    wrong.chain(left).collect()
}

/// Returns the cases for service providers.
fn cases(suites: &Suites) -> impl Iterator<Item = &Case> {
    suites.plan.cases.iter().filter(|case| case.target == TargetKind::Scim)
}

/// What kills what.
#[derive(Debug, Default)]
struct Matrix {
    /// Every fault, with the cases it turns red under the gate `okta`.
    faults: Hits,
    /// Every quirk, with the cases that fail or warn of it under the gate `strict`.
    quirks: Hits,
    /// Every case, with the faults it only warns of.
    warned: Hits,
}

/// From the name of one thing to the names of what it meets.
type Hits = BTreeMap<String, BTreeSet<String>>;

impl Matrix {
    /// Runs every case against every fault and quirk.
    fn of(suites: &Suites) -> Matrix {
        let all = |faults: &'static [Fault]| faults.iter().map(|fault| (*fault, Vec::new())).collect::<Vec<_>>();
        let red = runs(suites, &all(Fault::faults()), Gate::Okta);
        let strict = runs(suites, &all(Fault::quirks()), Gate::Strict);
        let mut matrix = Matrix::default();
        for (fault, ended) in red {
            for case in ended.warned {
                matrix.warned.entry(case).or_default().insert(fault.name().to_owned());
            }
            matrix.faults.insert(fault.name().to_owned(), ended.failed);
        }
        for (quirk, ended) in strict {
            matrix.quirks.insert(quirk.name().to_owned(), &ended.failed | &ended.warned);
        }
        matrix
    }

    /// Tries the faults and quirks that the matrix knows nothing of against the cases with random inputs.
    fn with_new_faults(mut self, suites: &Suites) -> Matrix {
        let random: Vec<String> =
            cases(suites).filter(|case| case.fuzz.is_some()).map(|case| case.id.clone()).collect();
        let unknown = |faults: &'static [Fault], hits: &Hits| {
            let unknown = faults.iter().filter(|fault| hits.get(fault.name()).is_none_or(BTreeSet::is_empty));
            unknown.map(|fault| (*fault, random.clone())).collect::<Vec<_>>()
        };
        let (faults, quirks) = (unknown(Fault::faults(), &self.faults), unknown(Fault::quirks(), &self.quirks));
        for (fault, ended) in steady(|| runs(suites, &faults, Gate::Okta)) {
            self.faults.insert(fault.name().to_owned(), ended.failed);
        }
        for (quirk, ended) in steady(|| runs(suites, &quirks, Gate::Strict)) {
            self.quirks.insert(quirk.name().to_owned(), &ended.failed | &ended.warned);
        }
        let is_one = |faults: &[Fault], name: &str| faults.iter().any(|fault| fault.name() == name);
        self.faults.retain(|name, _| is_one(Fault::faults(), name));
        self.quirks.retain(|name, _| is_one(Fault::quirks(), name));
        self
    }

    /// Tries the cases that the matrix knows nothing of against every fault under the gate `strict`, which mentions what
    /// `okta` does not.
    fn with_idle_cases(mut self, suites: &Suites) -> Matrix {
        let idle = self.idle(suites);
        if idle.is_empty() {
            return self;
        }
        let choices: Vec<(Fault, Vec<String>)> =
            Fault::faults().iter().chain(Fault::quirks()).map(|fault| (*fault, idle.clone())).collect();
        for (fault, ended) in runs(suites, &choices, Gate::Strict) {
            for case in &ended.failed | &ended.warned {
                self.warned.entry(case).or_default().insert(fault.name().to_owned());
            }
        }
        self
    }

    /// Returns the cases that nothing makes fail or warn.
    fn idle(&self, suites: &Suites) -> Vec<String> {
        let told: BTreeSet<&String> =
            self.faults.values().chain(self.quirks.values()).flatten().chain(self.warned.keys()).collect();
        cases(suites).map(|case| &case.id).filter(|id| !told.contains(id)).cloned().collect()
    }

    /// Returns what the matrix leaves unproved of these suites and of the faults there are.
    fn gaps(&self, suites: &Suites) -> Vec<String> {
        let mut gaps = Vec::new();
        let mut look = |faults: &[Fault], hits: &Hits, what: &str| {
            let is_unseen = |fault: &&Fault| hits.get(fault.name()).is_none_or(BTreeSet::is_empty);
            let unseen = faults.iter().filter(is_unseen).filter(|fault| found_by_more_inputs(fault.name()).is_none());
            gaps.extend(unseen.map(|fault| format!("{what} {fault}")));
            let strangers = hits.keys().filter(|name| faults.iter().all(|fault| fault.name() != name.as_str()));
            gaps.extend(strangers.map(|name| format!("the matrix has {name} in the wrong table")));
        };
        // What breaks the RFCs is for the suites of the RFCs to tell of.
        let has_rfc_suites = suites.plan.cases.iter().any(|case| case.id.starts_with("rfc"));
        let is_looked_for = |fault: &Fault| has_rfc_suites || !matches!(fault, Fault::Rfc(_));
        let looked_for = |faults: &[Fault]| faults.iter().copied().filter(is_looked_for).collect::<Vec<_>>();
        let (faults, quirks) = (looked_for(Fault::faults()), looked_for(Fault::quirks()));
        look(&faults, &self.faults, "no case turns red on the fault");
        look(&quirks, &self.quirks, "no case tells of the quirk");
        gaps.extend(self.idle(suites).iter().map(|case| format!("no fault and no quirk makes {case} fail or warn")));
        gaps
    }

    /// Tries for every case one fault it is said to turn red on, or else a quirk it is said to tell of, or else a fault
    /// it is said to warn of; and for every other fault one case. Returns what turns out otherwise.
    fn lies(&self, suites: &Suites) -> Vec<String> {
        let mut red = Chosen::default();
        let mut told = Chosen::default();
        let mut warned = Chosen::default();
        for case in cases(suites).map(|case| case.id.as_str()) {
            let _ = red.choose_fault(&self.faults, case)
                || told.choose_fault(&self.quirks, case)
                || warned.choose_case(&self.warned, case);
        }
        red.choose_rest(&self.faults);
        told.choose_rest(&self.quirks);
        let mut lies = red.tried(suites, Gate::Okta, "fail", |ended, case| ended.failed.contains(case));
        let told_of = |ended: &Ended, case: &str| ended.failed.contains(case) || ended.warned.contains(case);
        lies.extend(told.tried(suites, Gate::Strict, "fail or warn", told_of));
        lies.extend(warned.tried(suites, Gate::Strict, "fail or warn", told_of));
        lies.extend(
            told.tried(suites, Gate::Okta, "pass, or warn at most", |ended, case| !ended.failed.contains(case)),
        );
        lies
    }

    fn parse(text: &str) -> Matrix {
        let mut matrix = Matrix::default();
        let mut hits = &mut matrix.faults;
        for line in text.lines() {
            match line {
                _ if line.starts_with("| fault |") => hits = &mut matrix.faults,
                _ if line.starts_with("| quirk |") => hits = &mut matrix.quirks,
                _ if line.starts_with("| case |") => hits = &mut matrix.warned,
                _ => {}
            }
            let Some((name, rest)) = line.strip_prefix("| `").and_then(|row| row.split_once("` |")) else { continue };
            // Of a case the last column alone says what the tables before it do not.
            let cell = rest.trim_end_matches('|').rsplit('|').next().unwrap_or_default().trim();
            let names = cell.split(", ").filter(|name| !name.is_empty() && !name.starts_with(MORE_INPUTS));
            let names = names.map(str::to_owned);
            hits.insert(name.to_owned(), names.collect());
        }
        matrix.warned.retain(|_, faults| !faults.is_empty());
        matrix
    }
}

impl std::fmt::Display for Matrix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "# What kills what\n\n\
             Each fault of the specimen (`rehearsal specimen --list-faults`) with the cases it turns red under the gate\n\
             `okta`; each quirk (`--list-quirks`) with the cases that tell of it under `strict`; then the same the other\n\
             way round. Generated by `harness/tests/every_case_can_fail.rs`.\n",
        )?;
        table(f, "faults", "| fault | cases that turn red |\n|---|---|", &self.faults)?;
        table(f, "quirks", "| quirk | cases that fail or warn |\n|---|---|", &self.quirks)?;
        let (red, told) = (turned(&self.faults), turned(&self.quirks));
        let cases: BTreeSet<&String> = red.keys().chain(told.keys()).chain(self.warned.keys()).collect();
        write!(f, "\n## {} cases\n\n| case | turns red on | tells of | warns of |\n|---|---|---|---|\n", cases.len())?;
        for case in cases {
            let columns = [&red, &told, &self.warned].map(|hits| hits.get(case).map_or_else(String::new, list));
            writeln!(f, "| `{case}` | {} |", columns.join(" | "))?;
        }
        Ok(())
    }
}

fn table(f: &mut std::fmt::Formatter<'_>, what: &str, head: &str, hits: &Hits) -> std::fmt::Result {
    let mut rows = String::new();
    for (name, met) in hits {
        let more = found_by_more_inputs(name).filter(|_| met.is_empty());
        let met = more.map_or_else(|| list(met), |case| format!("{MORE_INPUTS}{case}"));
        writeln!(rows, "| `{name}` | {met} |")?;
    }
    write!(f, "\n## {} {what}\n\n{head}\n{rows}", hits.len())
}

fn list(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// Returns the case that finds a fault, if with more random inputs than a usual run has.
fn found_by_more_inputs(fault: &str) -> Option<&'static str> {
    let finds = |found: &&found::Found| found.1.iter().any(|(name, _)| *name == fault);
    found::FOUND.iter().find(finds).map(|(case, _)| *case)
}

/// What stands in the matrix before such a case.
const MORE_INPUTS: &str = "with more inputs ";

/// Returns the same the other way round.
fn turned(hits: &Hits) -> Hits {
    let mut turned = Hits::new();
    for (name, met) in hits {
        met.iter().for_each(|other| {
            turned.entry(other.clone()).or_default().insert(name.clone());
        });
    }
    turned
}

/// Which cases to try with which faults.
#[derive(Debug, Default)]
struct Chosen(BTreeMap<String, BTreeSet<String>>);

impl Chosen {
    /// Chooses a fault that meets the case, one that is chosen anyway if there is such a one.
    fn choose_fault(&mut self, hits: &Hits, case: &str) -> bool {
        let meets = |fault: &&String| hits[*fault].contains(case);
        let fault =
            self.0.keys().find(|fault| hits[*fault].contains(case)).or_else(|| hits.keys().find(meets)).cloned();
        fault.map(|fault| self.0.entry(fault).or_default().insert(case.to_owned())).is_some()
    }

    /// Chooses a fault that a case itself is said to meet.
    fn choose_case(&mut self, hits: &Hits, case: &str) -> bool {
        let fault = hits.get(case).and_then(|faults| faults.first());
        fault.map(|fault| self.0.entry(fault.clone()).or_default().insert(case.to_owned())).is_some()
    }

    /// Chooses a case for every fault that has none.
    fn choose_rest(&mut self, hits: &Hits) {
        for (fault, cases) in hits {
            if let Some(case) = cases.first() {
                self.0.entry(fault.clone()).or_insert_with(|| BTreeSet::from([case.clone()]));
            }
        }
    }

    /// Returns the choices that do not end as they should.
    fn tried(&self, suites: &Suites, gate: Gate, wanted: &str, is_so: impl Fn(&Ended, &str) -> bool) -> Vec<String> {
        let known = |case: &&String| suites.plan.cases.iter().any(|other| other.id == **case);
        let choice = |(fault, cases): (&String, &BTreeSet<String>)| {
            let cases: Vec<String> = cases.iter().filter(known).cloned().collect();
            Some((fault.parse().ok()?, cases)).filter(|(_, cases)| !cases.is_empty())
        };
        let choices: Vec<(Fault, Vec<String>)> = self.0.iter().filter_map(choice).collect();
        let ended = runs(suites, &choices, gate);
        let tried = choices.iter().flat_map(|(fault, cases)| cases.iter().map(move |case| (fault, case)));
        let lies = tried.filter(|(fault, case)| !is_so(&ended[*fault], case));
        lies.map(|(fault, case)| format!("{case} should {wanted} on {fault} under the gate {gate}")).collect()
    }
}

/// How the cases of one run ended.
#[derive(Debug, Default)]
struct Ended {
    failed: BTreeSet<String>,
    warned: BTreeSet<String>,
}

/// Returns what several runs agree on: what random inputs find can depend on the ids a server gives.
fn steady(run: impl Fn() -> BTreeMap<Fault, Ended>) -> BTreeMap<Fault, Ended> {
    let mut all = run();
    for again in [run(), run()] {
        for (fault, ended) in &mut all {
            ended.failed.retain(|case| again[fault].failed.contains(case));
            ended.warned.retain(|case| again[fault].warned.contains(case));
        }
    }
    all
}

/// Runs cases, or all if none are named, once for each fault, several runs at a time.
fn runs(suites: &Suites, choices: &[(Fault, Vec<String>)], gate: Gate) -> BTreeMap<Fault, Ended> {
    let next = AtomicUsize::new(0);
    let all = Mutex::new(BTreeMap::new());
    let work = || {
        while let Some((fault, cases)) = choices.get(next.fetch_add(1, Ordering::Relaxed)) {
            let cases: Vec<&str> = cases.iter().map(String::as_str).collect();
            let (records, summary) = run(suites, &cases, &[*fault], gate);
            let with = |outcome: Outcome| {
                let records = records.iter().filter(|record| record.outcome == outcome);
                records.map(|record| record.id.clone()).collect::<BTreeSet<String>>()
            };
            let ended = Ended { failed: with(Outcome::Fail), warned: with(Outcome::Warn) };
            assert_eq!(summary.exit == 1, !ended.failed.is_empty(), "{fault}");
            all.lock().expect("no run panicked").insert(*fault, ended);
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    all.into_inner().expect("no run panicked")
}

/// Does one run, each case judged by itself, on a thread of its own, engine and specimen both: they wait for each other
/// most of the time, and waking another thread costs more than the work it would take over.
fn run(suites: &Suites, cases: &[&str], faults: &[Fault], gate: Gate) -> (Vec<CaseRecord>, Summary) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let config = Config { faults: faults.to_vec(), ..Config::default() };
    runtime.block_on(run_on_config(suites, cases, config, gate, Seed(1), true))
}

const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../suites/kill-matrix.md");
