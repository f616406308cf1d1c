//! `rehearsal demo`: every suite against the embedded specimen.

use super::test::{Prepared, asked};
use super::unbegun::{self, Refusal};
use super::{Failure, outputs, runtime};
use crate::cli::{Demo, OutputArgs};
use crate::exit::Exit;
use crate::select::select;
use crate::suites;
use scim_record::Gate;
use scim_specimen::{Auth, Config, Running};
use scim_suite::ScimVersion;
use scim_transport::{Credentials, Secret, Target};
use std::path::PathBuf;

/// Where the reports go unless the options say otherwise.
const FOLDER: &str = "rehearsal-report";

/// Starts the specimen, runs every case against it, writes the reports.
pub(super) fn execute(arguments: &Demo) -> Result<Exit, Failure> {
    let faults = super::specimen::faults(&arguments.fault)?;
    let variants = super::specimen::variants(&arguments.variant)?;
    let output = with_reports(&arguments.output);
    let page = arguments.readiness.clone().unwrap_or_else(|| in_folder("readiness.html"));
    let named = outputs::of_run(&output, Some(&arguments.run));
    outputs::are_distinct(&[&named[..], &[("--readiness", Some(&page))]].concat())?;
    let suites = suites::load(&arguments.run.suites)?;
    let versions = [ScimVersion::V2, ScimVersion::V1_1];
    let trials = select(&suites.plan, &arguments.selectors, &arguments.run.app, &versions)?;
    let switched = arguments.fault.iter().map(|name| format!("--fault {name}"));
    let switched = switched.chain(arguments.variant.iter().map(|name| format!("--variant {name}")));
    let asked = asked(&arguments.selectors, &arguments.run).into_iter().chain(switched).collect();
    let demo = Prepared {
        suites: &suites,
        trials,
        asked,
        default_gate: Gate::Strict,
        specimen: true,
        fuzz: None,
        guard: None,
        readiness: Some(page),
    };
    let ended = runtime()?.block_on(async {
        let token = scim_specimen::generate_token();
        let me = Some(scim_specimen::user_name(0));
        let config =
            Config { auth: Auth::Bearer(token.clone()), users: PEOPLE, me, faults, variants, ..Config::default() };
        let specimen = Running::start(config).await.map_err(Failure::local("the specimen cannot be started"))?;
        let target = |url: &str| Target::parse(url).expect("the specimen's own URL is one");
        let targets =
            [(ScimVersion::V2, target(&specimen.base_url)), (ScimVersion::V1_1, target(&specimen.base_url_v1))];
        let credentials = Credentials::Bearer(Secret::new(token));
        demo.carry_out(&targets, &credentials, &arguments.run, &output, None).await
    });
    unbegun::tell(ended, &output, None, Refusal::Reported)
}

/// How many people the specimen knows before the demo begins, so that strangers' data is among what is read.
const PEOPLE: usize = 3;

fn with_reports(output: &OutputArgs) -> OutputArgs {
    let file = |name: &str| Some(in_folder(name));
    OutputArgs {
        junit: output.junit.clone().or_else(|| file("junit.xml")),
        json: output.json.clone().or_else(|| file("report.json")),
        html: output.html.clone().or_else(|| file("report.html")),
        markdown: output.markdown.clone().or_else(|| file("report.md")),
        har: output.har.clone().or_else(|| file("report.har")),
        ndjson: output.ndjson.clone(),
        ..*output
    }
}

fn in_folder(name: &str) -> PathBuf {
    PathBuf::from(FOLDER).join(name)
}
