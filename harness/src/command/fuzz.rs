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
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Sends random inputs to the service provider, or those of a file again.
pub(super) fn execute(arguments: &Fuzz) -> Result<Exit, Failure> {
    let suites = suites::load(&arguments.run.suites)?;
    let base_url = base_url(arguments)?;
    let trials = chosen(&suites.plan, &arguments.over)?;
    if arguments.replay.is_some() && trials.iter().any(|trial| over(trial.case) != over(trials[0].case)) {
        let help = "say what the inputs are, as in `rehearsal fuzz BASE_URL filter --replay FILE`";
        return Err(Failure::Usage(help.to_owned()));
    }
    let kind = trials.first().and_then(|trial| over(trial.case));
    let replay = arguments.replay.as_deref().map(|path| read(path, kind)).transpose()?;
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
    let prepared = Prepared {
        suites: &suites,
        trials,
        asked,
        default_gate: Gate::Okta,
        specimen: false,
        fuzz: Some(fuzz),
        guard,
        readiness: None,
    };
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

/// Reads the inputs of a file: regressions as a finding prints them, or one input as it is. What cannot be sent is refused
/// before anything else is.
fn read(path: &Path, over: Option<FuzzOver>) -> Result<Vec<String>, Failure> {
    let place = path.display();
    let mut text = String::new();
    let opened = File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_string(&mut text));
    opened.map_err(Failure::local(format!("{place} cannot be read")))?;
    if text.len() as u64 > MOST_BYTES {
        return Err(Failure::Usage(format!("{place} has more than {MOST_BYTES} bytes, which is no input of ours")));
    }
    let wrong = |(line, cause): (Option<usize>, String)| match line {
        Some(line) => Failure::Usage(format!("{place}:{line}: {cause}")),
        None => Failure::Usage(format!("{place}: {cause}")),
    };
    let inputs = inputs(&text).map_err(wrong)?;
    for (line, input) in &inputs {
        if let Some((over, Err(cause))) = over.map(|over| (over, check(over, input))) {
            return Err(wrong((*line, format!("no input over {over}: {cause}"))));
        }
    }
    match inputs.is_empty() {
        true => Err(Failure::Usage(format!("{place} holds no input"))),
        false => Ok(inputs.into_iter().map(|(_, input)| input).collect()),
    }
}

/// Tells whether a text can be sent, as far as that can be said without the server.
fn check(over: FuzzOver, input: &str) -> Result<(), String> {
    match over {
        FuzzOver::Filter => scim_fuzz::filter::check(input),
        FuzzOver::Patch => scim_fuzz::patch::check(input),
        FuzzOver::Body => scim_fuzz::body::Draft::parse(input).map(drop),
        FuzzOver::Sequence => scim_fuzz::sequence::Life::parse(input).map(drop),
    }
}

/// An input, and the line it is in where the file has several.
type Placed = (Option<usize>, String);

/// Returns the inputs of a text; a table of TOML is one of regressions, anything else is an input itself.
fn inputs(text: &str) -> Result<Vec<Placed>, (Option<usize>, String)> {
    if !text.lines().any(|line| line.trim_end().starts_with("[[") && line.trim_end().ends_with("regression]]")) {
        let input = text.trim_end_matches(['\r', '\n']);
        return Ok(if input.is_empty() { Vec::new() } else { vec![(None, input.to_owned())] });
    }
    let table = DeTable::parse(text).map_err(|cause| (None, cause.to_string()))?;
    let mut inputs = Vec::new();
    collect(text, table.get_ref(), &mut inputs)?;
    Ok(inputs)
}

fn collect(text: &str, table: &DeTable<'_>, inputs: &mut Vec<Placed>) -> Result<(), (Option<usize>, String)> {
    for (key, value) in table {
        match value.get_ref() {
            DeValue::Array(blocks) if key.get_ref() == "regression" => {
                for block in blocks {
                    inputs.push(input(text, block)?);
                }
            }
            DeValue::Array(values) => {
                for table in values.iter().filter_map(|value| value.get_ref().as_table()) {
                    collect(text, table, inputs)?;
                }
            }
            DeValue::Table(table) => collect(text, table, inputs)?,
            _ => {}
        }
    }
    Ok(())
}

/// Returns the input of a block.
fn input(text: &str, block: &Spanned<DeValue<'_>>) -> Result<Placed, (Option<usize>, String)> {
    let line = |at: usize| Some(text[..at].matches('\n').count() + 1);
    let Some(value) = block.get_ref().get("input") else {
        return Err((line(block.span().start), "the block has no `input`".to_owned()));
    };
    let line = line(value.span().start);
    match value.get_ref().as_str() {
        Some(input) => Ok((line, input.to_owned())),
        None => Err((line, "`input` is to be a text, as the finding printed it".to_owned())),
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

    fn texts(text: &str) -> Vec<String> {
        inputs(text).expect("inputs").into_iter().map(|(_, input)| input).collect()
    }

    #[test]
    fn a_file_holds_an_input_or_regressions() {
        let input = r#"not (userName eq "a\"b")"#;
        assert_eq!(texts(&format!("{input}\n")), [input]);
        let block = "[[case.fuzz.regression]]\nfound = \"2026-11-23\"\ninput = 'a pr'\n";
        assert_eq!(texts(block), ["a pr"]);
        let suite = format!("suite = \"x\"\n[[case]]\nid = \"one\"\n[case.fuzz]\nover = \"filter\"\n{block}{block}");
        assert_eq!(texts(&suite), ["a pr", "a pr"]);
        assert_eq!(texts("\n"), Vec::<String>::new());
        // A body is JSON, and begins as a table's header does.
        assert_eq!(texts("[[1]]"), ["[[1]]"]);
        assert!(inputs("[[regression]]\ninput = 'a").unwrap_err().1.contains("line 2"));
    }

    #[test]
    fn a_block_without_an_input_is_told_with_its_line_and_key() {
        let block = "[[case.fuzz.regression]]\nfound = \"2026-11-23\"\n";
        for (text, line) in [
            (format!("{block}input = 3\n"), 3),
            (format!("\n{block}input = 'a pr'\n{block}note = 'none'\n"), 5),
            (format!("[[case]]\nid = \"one\"\n{block}input = ['a']\n"), 5),
        ] {
            let (found, cause) = inputs(&text).expect_err(&text);
            assert!(found == Some(line) && cause.contains("`input`"), "{text}: {found:?} {cause}");
        }
    }

    #[test]
    fn what_every_kind_prints_can_be_read_and_nothing_else() {
        let samples = [
            (FuzzOver::Filter, "Users: userName eq \"{{mark}}-{{user 3}}\""),
            (FuzzOver::Patch, r#"{"resource":"User","Operations":[]}"#),
            (FuzzOver::Body, r#"POST /Users {"userName":"$mark"}"#),
        ];
        for (over, text) in samples {
            assert_eq!(check(over, text), Ok(()), "{over}");
        }
        let filter = "userName eq \"a\"";
        for over in [FuzzOver::Patch, FuzzOver::Body, FuzzOver::Sequence] {
            assert!(check(over, filter).is_err(), "{over}");
        }
        assert!(check(FuzzOver::Patch, r#"{"resource":"User","Operations":["#).is_err());
        assert!(check(FuzzOver::Filter, "userName eq \"{{mark\"").is_err());
    }
}
