//! `rehearsal fuzz`: random inputs for as long as somebody likes.

use super::test::Prepared;
use super::{Failure, connection, credentials};
use crate::cli::{Fuzz, OutputArgs, RunArgs};
use crate::exit::Exit;
use crate::fuzz::FuzzSettings;
use crate::guard::Guard;
use crate::select::{Trial, select};
use crate::suites;
use scim_record::Gate;
use scim_suite::{Case, FuzzOver, Plan, ScimVersion};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

/// Sends random inputs to the service provider, or those of a file again.
pub(super) fn execute(arguments: &Fuzz) -> Result<Exit, Failure> {
    let suites = suites::load(&arguments.run.suites)?;
    let base_url = base_url(arguments)?;
    let trials = chosen(&suites.plan, &arguments.over)?;
    let replay = arguments.replay.as_deref().map(read).transpose()?;
    if replay.is_some() && trials.iter().any(|trial| over(trial.case) != over(trials[0].case)) {
        let help = "say what the inputs are, as in `rehearsal fuzz BASE_URL filter --replay FILE`";
        return Err(Failure::Usage(help.to_owned()));
    }
    let target = connection::target(base_url, &arguments.tls)?;
    let credentials = credentials::resolve(&arguments.auth, &target)?;
    let share = u32::try_from(trials.len()).unwrap_or(u32::MAX).max(1);
    let fuzz = FuzzSettings {
        cases: arguments.cases.or(arguments.time.is_none().then_some(CASES)),
        time: arguments.time.map(|time| (time / share).max(Duration::from_millis(1))),
        // One input more may be in flight for each job; the cases follow each other.
        lanes: usize::from(arguments.run.jobs),
        replay,
        goes_on: true,
        tells: !arguments.output.quiet,
        ..FuzzSettings::default()
    };
    let asked = asked(arguments);
    let guard = Some(Guard::new(&arguments.guard));
    let prepared =
        Prepared { suites: &suites, trials, asked, default_gate: Gate::Okta, specimen: false, fuzz: Some(fuzz), guard };
    let (run, output): (&RunArgs, &OutputArgs) = (&arguments.run, &arguments.output);
    let targets = [(ScimVersion::V2, target)];
    // The target is another process, and waking other threads takes longer than what they would do.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(Failure::local("the runtime cannot be started"))?;
    runtime.block_on(prepared.carry_out(&targets, &credentials, run, output, arguments.wait))
}

/// Returns the base URL; who left it out is told where there is a server to try.
fn base_url(arguments: &Fuzz) -> Result<&str, Failure> {
    let word = arguments.base_url.as_deref().filter(|word| word.contains("://"));
    word.ok_or_else(|| {
        let what = arguments.base_url.as_deref().filter(|word| is_word(word)).unwrap_or("all");
        Failure::Usage(format!(
            "say which base URL to fuzz; for a first try, `SCIM_TOKEN=secret rehearsal specimen --fault filter-ignored` \
             serves one that is wrong, and `SCIM_TOKEN=secret rehearsal fuzz http://127.0.0.1:8901/scim/v2 {what}` \
             finds out"
        ))
    })
}

/// Returns the cases of random inputs that are asked for: words for kinds, or selectors.
fn chosen<'p>(plan: &'p Plan, asked: &[String]) -> Result<Vec<Trial<'p>>, Failure> {
    let fuzz_cases = || plan.cases.iter().filter(|case| case.fuzz.is_some());
    let mut selectors = Vec::new();
    for word in asked {
        if is_word(word) {
            let is_meant = |case: &&Case| word == ALL || over(case).is_some_and(|over| over.name() == word);
            let ids = fuzz_cases().filter(is_meant).map(|case| case.id.clone());
            // A case that wants to be named is no more than an offer where a whole kind is asked for.
            let opt_in = |id: &String| plan.cases.iter().any(|case| case.id == *id && case.opt_in);
            selectors.extend(ids.filter(|id| !opt_in(id)));
        } else {
            selectors.push(word.clone());
        }
    }
    if selectors.is_empty() {
        return Err(Failure::Usage(format!("no suite has a case of random inputs over {}", asked.join(" or "))));
    }
    let mut trials = select(plan, &selectors, &[], &[ScimVersion::V2])?;
    trials.retain(|trial| trial.case.fuzz.is_some());
    if trials.is_empty() {
        let words = FuzzOver::ALL.map(FuzzOver::name).join(", ");
        let asked = asked.join(" ");
        return Err(Failure::Usage(format!("{asked} names no case of random inputs; choose {words} or {ALL}")));
    }
    Ok(trials)
}

fn is_word(word: &str) -> bool {
    word == ALL || FuzzOver::ALL.iter().any(|over| over.name() == word)
}

fn over(case: &Case) -> Option<FuzzOver> {
    case.fuzz.as_ref().map(|fuzz| fuzz.over)
}

/// Returns what the run was asked for, as on a command line.
fn asked(arguments: &Fuzz) -> Vec<String> {
    let cases = arguments.cases.map(|cases| format!("--cases {cases}"));
    let time = arguments.time.map(|time| format!("--time {}s", time.as_secs_f64()));
    let replay = arguments.replay.as_ref().map(|_| "--replay".to_owned());
    arguments.over.iter().cloned().chain(cases).chain(time).chain(replay).collect()
}

/// Reads the inputs of a file: regressions as a finding prints them, or one input as it is.
fn read(path: &Path) -> Result<Vec<String>, Failure> {
    let place = path.display();
    let mut text = String::new();
    let opened = File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_string(&mut text));
    opened.map_err(Failure::local(format!("{place} cannot be read")))?;
    if text.len() as u64 > MOST_BYTES {
        return Err(Failure::Usage(format!("{place} has more than {MOST_BYTES} bytes, which is no input of ours")));
    }
    let inputs = inputs(&text).map_err(|cause| Failure::Usage(format!("{place}: {cause}")))?;
    match inputs.is_empty() {
        true => Err(Failure::Usage(format!("{place} holds no input"))),
        false => Ok(inputs),
    }
}

/// Returns the inputs of a text; a table of TOML is one of regressions, anything else is an input itself.
fn inputs(text: &str) -> Result<Vec<String>, String> {
    if !text.lines().any(|line| line.trim_end().starts_with("[[") && line.trim_end().ends_with("regression]]")) {
        let input = text.trim_end_matches(['\r', '\n']);
        return Ok(if input.is_empty() { Vec::new() } else { vec![input.to_owned()] });
    }
    let table: toml::Table = text.parse().map_err(|cause: toml::de::Error| cause.to_string())?;
    let mut inputs = Vec::new();
    collect(&toml::Value::Table(table), &mut inputs);
    Ok(inputs)
}

/// Collects the `input` of every `regression` in a document, wherever it is: a block alone, or a whole suite.
fn collect(value: &toml::Value, inputs: &mut Vec<String>) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                match (key.as_str(), value) {
                    ("regression", toml::Value::Array(all)) => {
                        let input = |one: &toml::Value| one.get("input")?.as_str().map(str::to_owned);
                        inputs.extend(all.iter().filter_map(input));
                    }
                    _ => collect(value, inputs),
                }
            }
        }
        toml::Value::Array(values) => values.iter().for_each(|value| collect(value, inputs)),
        _ => {}
    }
}

/// Every kind.
const ALL: &str = "all";
/// How many inputs each case sends unless somebody says otherwise.
const CASES: u64 = 1000;
const MOST_BYTES: u64 = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_an_input_or_regressions() {
        let input = r#"not (userName eq "a\"b")"#;
        assert_eq!(inputs(&format!("{input}\n")).unwrap(), [input]);
        let block = "[[case.fuzz.regression]]\nfound = \"2026-11-23\"\ninput = 'a pr'\n";
        assert_eq!(inputs(block).unwrap(), ["a pr"]);
        let suite = format!("suite = \"x\"\n[[case]]\nid = \"one\"\n[case.fuzz]\nover = \"filter\"\n{block}{block}");
        assert_eq!(inputs(&suite).unwrap(), ["a pr", "a pr"]);
        assert_eq!(inputs("\n").unwrap(), Vec::<String>::new());
        // A body is JSON, and begins as a table's header does.
        assert_eq!(inputs("[[1]]").unwrap(), ["[[1]]"]);
        assert!(inputs("[[regression]]\ninput = 'a").unwrap_err().contains("line 2"));
    }
}
