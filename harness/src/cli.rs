//! The command line: what can be typed, and nothing of what it does.

use crate::init::Ci;
use crate::names::Seed;
use crate::partition::Partition;
use crate::rerun::Rerun;
use clap::{Args, Parser, Subcommand, ValueEnum};
use mock_okta::{AppId, ScimVersion};
use std::net::IpAddr;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

/// Tells a SaaS vendor whether their SCIM service provider will work with Okta.
#[derive(Debug, Parser)]
#[command(name = "rehearsal", version, propagate_version = true, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// Read settings from this file [default: rehearsal.toml, where it lies].
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 passed the gate · 1 a finding above the gate · 2 bad arguments, configuration or suite · 3 target \
not reachable, not SCIM, or credentials refused · 4 nothing ran · 5 the safety guard refused · 6 objects left behind · 70 our defect · 74 a report \
could not be written · 130 interrupted, after clean-up";

const REDIRECT_URIS: &str = "\
With OAuth 2.0, the authorization server must allow the redirect URIs of Okta, with the name that Okta gave the app, and no \
others; doctor looks whether it refuses one that nobody registered:
  https://system-admin.okta.com/admin/app/cpc/{appName}/oauth/callback
  https://system-admin.okta-emea.com/admin/app/cpc/{appName}/oauth/callback
  https://system-admin.oktapreview.com/admin/app/cpc/{appName}/oauth/callback
  https://system-admin.trexcloud.com/admin/app/cpc/{appName}/oauth/callback
  http://system-admin.okta1.com:1802/admin/app/cpc/{appName}/oauth/callback";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run every suite against the embedded specimen; the first thing to try.
    Demo(Demo),
    /// Run the suites against a service provider.
    Test(Test),
    /// Send random filters, patches, bodies and lives to a service provider, and make small what it gets wrong.
    Fuzz(Fuzz),
    /// Run a test that Okta publishes for Runscope, as downloaded.
    Runscope(Runscope),
    /// Serve the embedded specimen alone, correct or with chosen faults.
    Specimen(Specimen),
    /// Explain a case, a reference, a diagnostic code, a fault or an exit code.
    Explain {
        /// For example `okta/spec/duplicate-is-409`, `C9290`, `RFC7644 3.3`, `S010`, `filter-ignored`, `exit 3`.
        #[arg(required = true, num_args = 1..)]
        what: Vec<String>,
    },
    /// Show what the suites cover: each demand of the standards and each check of other testers, with its cases.
    Coverage(Coverage),
    /// Compare two runs by their JSON reports: what broke, what was mended, what fails otherwise. Ends with 1 if something
    /// broke.
    Compare(Compare),
    /// Make one report of the parts into which --partition divided a run, with the verdict of the whole.
    Merge(Merge),
    /// Remove what an interrupted run left on a service provider, by its journal.
    Cleanup(Cleanup),
    /// Look at every link between this machine and a service provider, and say which is broken; nothing is written.
    #[command(after_help = REDIRECT_URIS)]
    Doctor(Doctor),
    /// Write rehearsal.toml and a CI job for a project that has neither.
    Init(Init),
    /// Print the completions of a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Write the man pages into a folder.
    Man {
        /// The folder; it is made if it is not there.
        dir: PathBuf,
    },
    /// Write a report on past runs, or look at the files of one.
    Report {
        /// Which.
        #[command(subcommand)]
        command: ReportCommand,
    },
    /// A mock Okta org: people, groups and apps, and provisioning that reaches a service provider.
    Okta {
        /// What to do with it.
        #[command(subcommand)]
        command: OktaCommand,
    },
}

/// `rehearsal report`.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// Say whether an integration is ready to be submitted to the OIN, by JSON reports, a manifest and attestations. Ends with
    /// 1 if it is not.
    Readiness(ReadinessArgs),
    /// Look at a manifest (oin.toml) alone: the rules of the OIN Wizard. Ends with 2 if one is broken.
    Lint(ReportLint),
}

/// `rehearsal report readiness`.
#[derive(Debug, Args)]
pub struct ReadinessArgs {
    /// A JSON report of `test`, `demo`, `runscope` or `okta run`. May be repeated; of a case that ran again, the last run
    /// counts.
    #[arg(long, value_name = "REPORT.json", required = true)]
    pub report: Vec<PathBuf>,
    /// What would be typed into the OIN Wizard.
    #[arg(long, value_name = "oin.toml")]
    pub manifest: Option<PathBuf>,
    /// What people attest, where a machine cannot look.
    #[arg(long, value_name = "attest.toml")]
    pub attest: Option<PathBuf>,
    /// Write the page for people.
    #[arg(long, value_name = "PATH")]
    pub html: Option<PathBuf>,
    /// Write a summary in Markdown.
    #[arg(long, value_name = "PATH")]
    pub markdown: Option<PathBuf>,
    /// Write JSON; its schema is reports/readiness.schema.json in the source tree.
    #[arg(long, value_name = "PATH")]
    pub json: Option<PathBuf>,
}

/// `rehearsal report lint`.
#[derive(Debug, Args)]
pub struct ReportLint {
    /// The manifest.
    #[arg(value_name = "oin.toml")]
    pub manifest: PathBuf,
    /// Look at attestations as well.
    #[arg(long, value_name = "attest.toml")]
    pub attest: Option<PathBuf>,
}

/// `rehearsal demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Which cases, as for `test`. All, if none is given.
    #[arg(value_name = "SELECTOR")]
    pub selectors: Vec<String>,
    /// Switch a fault of the specimen on, to see what a finding looks like. May be repeated.
    #[arg(long, value_name = "NAME")]
    pub fault: Vec<String>,
    /// Switch a lawful difference on. May be repeated.
    #[arg(long, value_name = "NAME")]
    pub variant: Vec<String>,
    /// Write the page on readiness for the OIN here, as it would be for the specimen [default:
    /// rehearsal-report/readiness.html].
    #[arg(long, value_name = "PATH")]
    pub readiness: Option<PathBuf>,
    /// What to run and how.
    #[command(flatten)]
    pub run: RunArgs,
    /// How to tell the result.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `rehearsal test`.
#[derive(Debug, Args)]
pub struct Test {
    /// The SCIM base URL, for example `https://staging.example.com/scim/v2`. May be left out with --list.
    #[arg(value_name = "BASE_URL")]
    pub base_url: Option<String>,
    /// Which cases: ids, beginnings of ids, globs, each with an app if you like (`okta/users`, `okta/**/rename*`,
    /// `okta/groups@aiw`, `@catalog`). All, if none is given.
    #[arg(value_name = "SELECTOR")]
    pub selectors: Vec<String>,
    /// List the cases that would run, and stop.
    #[arg(long)]
    pub list: bool,
    /// Print which cases of Okta's test plan for the OIN the suites cover and what is left to a person, and stop.
    #[arg(long, conflicts_with = "list")]
    pub plan: bool,
    /// The version of SCIM that the base URL speaks.
    #[arg(long, value_enum, default_value_t = ScimArg::V2)]
    pub scim: ScimArg,
    /// Wait up to this long for the target to answer.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub wait: Option<Duration>,
    /// How to prove who we are.
    #[command(flatten)]
    pub auth: AuthArgs,
    /// Whom to trust.
    #[command(flatten)]
    pub tls: TlsArgs,
    /// Where to write.
    #[command(flatten)]
    pub guard: GuardArgs,
    /// What to run and how.
    #[command(flatten)]
    pub run: RunArgs,
    /// How to tell the result.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `rehearsal fuzz`.
#[derive(Debug, Args)]
pub struct Fuzz {
    /// The SCIM 2.0 base URL, for example `https://staging.example.com/scim/v2`.
    #[arg(value_name = "BASE_URL")]
    pub base_url: Option<String>,
    /// What to send: `filter`, `patch`, `body`, `sequence`, `all`, or selectors of cases as for `test`.
    #[arg(value_name = "WHAT", default_value = "all")]
    pub over: Vec<String>,
    /// How many random inputs each case sends [default: 1000; with --time: as many as there is time for].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub cases: Option<u64>,
    /// How long to go on, all cases together.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub time: Option<Duration>,
    /// Send the inputs of this file instead: the `[[case.fuzz.regression]]` blocks that findings print, or one input as it
    /// is.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cases", "time"])]
    pub replay: Option<PathBuf>,
    /// Wait up to this long for the target to answer.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub wait: Option<Duration>,
    /// How to prove who we are.
    #[command(flatten)]
    pub auth: AuthArgs,
    /// Whom to trust.
    #[command(flatten)]
    pub tls: TlsArgs,
    /// Where to write.
    #[command(flatten)]
    pub guard: GuardArgs,
    /// What to run and how; --jobs says how many inputs are in flight at a time.
    #[command(flatten)]
    pub run: RunArgs,
    /// How to tell the result.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `rehearsal coverage`.
#[derive(Debug, Args)]
pub struct Coverage {
    /// Only this list.
    #[arg(value_enum)]
    pub of: Option<CoverageOf>,
    /// Only rows without a case and without a reason.
    #[arg(long)]
    pub open: bool,
}

/// What coverage is counted of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CoverageOf {
    /// The demands of the standards and of Okta (suites/requirements.toml).
    Requirements,
    /// What other SCIM testers assert (suites/peer-checks.toml).
    PeerChecks,
}

/// Which cases run, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Run")]
pub struct RunArgs {
    /// Only cases of this Okta app, and those that depend on none. May be repeated.
    #[arg(long, value_name = "APP", value_parser = app)]
    pub app: Vec<AppId>,
    /// What turns the run red [default: okta; for demo: strict].
    #[arg(long, value_enum)]
    pub gate: Option<GateArg>,
    /// How many cases run at a time.
    #[arg(long, value_name = "N", default_value = "8", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
    /// Names and values grow from it; the same seed sends the same bytes [default: chosen at random and printed].
    #[arg(long, value_name = "NUMBER", value_parser = seed)]
    pub seed: Option<Seed>,
    /// How long one answer may take; Okta closes the connection after 60 s.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub timeout: Duration,
    /// Judge every case, whatever became of those it requires: one defect then has as many findings as it breaks cases.
    #[arg(long)]
    pub ignore_requires: bool,
    /// Take the failures in this list for known, each by its case and its finding; any other failure is red as ever, and so
    /// is a listed case that passes [default: rehearsal.known.toml, where it lies; for demo: none].
    #[arg(long, value_name = "FILE")]
    pub known: Option<PathBuf>,
    /// Add what fails and is not listed to this list of known failures; what stands there stays as it is.
    #[arg(long, value_name = "FILE")]
    pub write_known: Option<PathBuf>,
    /// Run one part of the cases: `slice:m/n` takes every n-th, `hash:m/n` goes by the case's name. What they require runs
    /// along; `rehearsal merge` makes one report of the parts, which have one seed.
    #[arg(long, value_name = "PART", requires = "seed")]
    pub partition: Option<Partition>,
    /// Run again what failed, and what it requires: in the `last` run against the target, or in a JSON report.
    #[arg(long, value_name = "last|FILE.json", conflicts_with = "partition", value_parser = rerun)]
    pub rerun: Option<Rerun>,
    /// Send a request again, up to so often, whose connection was refused, or ended before an answer began and the method is
    /// idempotent; each is counted and told. None by default: a server that drops connections has a defect.
    #[arg(long, value_name = "N", default_value = "0", value_parser = clap::value_parser!(u32).range(0..=10))]
    pub retries: u32,
    /// How long a read may be behind the case's own writes before that is a finding; 0 for not at all [default: 2s; for
    /// demo: 0].
    #[arg(long, value_name = "TIME", value_parser = duration_or_none)]
    pub settle: Option<Duration>,
    /// How long one case may take; one that takes longer is skipped.
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration)]
    pub case_limit: Duration,
    /// Load suites of your own beside the embedded ones: a file, or a folder of them. May be repeated.
    #[arg(long, value_name = "PATH")]
    pub suites: Vec<PathBuf>,
    /// Where journals of what a run created are kept while it runs.
    #[arg(long, value_name = "DIR", default_value = "rehearsal-report")]
    pub journal_dir: PathBuf,
}

/// Where results go.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Write a JUnit file.
    #[arg(long, value_name = "PATH")]
    pub junit: Option<PathBuf>,
    /// Write a JSON report; its schema is reports/report.schema.json in the source tree.
    #[arg(long, value_name = "PATH")]
    pub json: Option<PathBuf>,
    /// Write an HTML report: one file that needs nothing else, for people.
    #[arg(long, value_name = "PATH")]
    pub html: Option<PathBuf>,
    /// Write a summary in Markdown, for a pull request.
    #[arg(long, value_name = "PATH")]
    pub markdown: Option<PathBuf>,
    /// Write every exchange as an HTTP Archive (HAR 1.2), for browsers and other network tools.
    #[arg(long, value_name = "PATH")]
    pub har: Option<PathBuf>,
    /// Write what happens while it happens, a JSON object a line; its schema is reports/events.schema.json.
    #[arg(long, value_name = "PATH")]
    pub ndjson: Option<PathBuf>,
    /// Print the verdict only.
    #[arg(long, short, conflicts_with_all = ["verbose", "trace"])]
    pub quiet: bool,
    /// Print a line for every case.
    #[arg(long, short)]
    pub verbose: bool,
    /// Print both messages of every exchange of a case that failed.
    #[arg(long)]
    pub trace: bool,
    /// Do not show on stderr how far the run is: a line that changes on a terminal, one every 30 seconds elsewhere.
    #[arg(long)]
    pub no_progress: bool,
    /// When to colour.
    #[arg(long, value_enum, default_value_t = ColorArg::Auto)]
    pub color: ColorArg,
}

/// Credentials; secrets are named by where they are, never typed.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Authentication (SECRET is env:NAME, file:PATH or cmd:COMMAND)")]
pub struct AuthArgs {
    /// Send `Authorization: Bearer <secret>` [default: env:SCIM_TOKEN if that is set].
    #[arg(long, value_name = "SECRET", group = "credentials")]
    pub bearer: Option<String>,
    /// Send the secret as a header's whole value, as Okta's "Header" mode does: `Authorization: SECRET`.
    #[arg(long, value_name = "NAME: SECRET", group = "credentials")]
    pub header: Option<String>,
    /// Send `Authorization: Basic` with this user and secret.
    #[arg(long, value_name = "USER:SECRET", group = "credentials")]
    pub basic: Option<String>,
    /// Tokens that an authorization server issues.
    #[command(flatten)]
    pub oauth: OauthArgs,
}

/// OAuth 2.0. All but the client's id and the scope say where something is.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Authentication by OAuth 2.0 (authorization code, as OIN apps)")]
pub struct OauthArgs {
    /// Where people sign in; its URL is printed, to be opened in a browser on this machine, which comes back to
    /// http://127.0.0.1:PORT/callback. That redirect URI must be allowed.
    #[arg(long, value_name = "URL", conflicts_with = "credentials")]
    pub oauth_authorize_url: Option<String>,
    /// Where codes and refresh tokens become access tokens. https, unless it is on this machine; so is the one above.
    #[arg(long, value_name = "URL", conflicts_with = "credentials")]
    pub oauth_token_url: Option<String>,
    /// The client as it is registered there; the secret goes to the token URL and nowhere else.
    #[arg(long, value_name = "ID:SECRET", conflicts_with = "credentials")]
    pub oauth_client: Option<String>,
    /// What to ask for, for example `scim offline_access`; many servers issue a refresh token for the latter only.
    #[arg(long, value_name = "SCOPE", conflicts_with = "credentials")]
    pub oauth_scope: Option<String>,
    /// The port of the redirect URI, where it must be registered as it is [default: any that is free].
    #[arg(long, value_name = "PORT", conflicts_with = "credentials", value_parser = clap::value_parser!(u16).range(1..))]
    pub oauth_port: Option<u16>,
    /// Begin with this refresh token, without a browser: for CI.
    #[arg(long, value_name = "SECRET", conflicts_with = "credentials")]
    pub oauth_refresh_token: Option<String>,
}

/// Whom connections trust.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Connection")]
pub struct TlsArgs {
    /// Trust the certificate authorities of this PEM file as well as those of the system.
    #[arg(long, value_name = "FILE")]
    pub cacert: Option<PathBuf>,
    /// Show this certificate (PEM) to a server that asks for one.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// The private key of --cert (PEM, not encrypted).
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Check no certificate: anybody between here and the target can read and change everything, the credentials as well.
    /// Every report says so.
    #[arg(long, conflicts_with = "cacert")]
    pub insecure: bool,
}

/// Where a run may write. Hosts of this machine, of private networks and of names set aside for tests need none of it.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Safety")]
pub struct GuardArgs {
    /// The target is made for tests, and what is there is nobody's.
    #[arg(long)]
    pub sandbox: bool,
    /// Write to a target elsewhere only if it holds no more users than this.
    #[arg(long, value_name = "N", default_value = "50")]
    pub max_foreign_users: u64,
    /// Write to a target whatever it holds; --confirm-host must name it.
    #[arg(long, env = "REHEARSAL_ALLOW_NONEMPTY", value_parser = clap::builder::BoolishValueParser::new())]
    pub allow_nonempty: bool,
    /// The host of the target, typed once more, for --allow-nonempty.
    #[arg(long, value_name = "HOST", env = "REHEARSAL_CONFIRM_HOST")]
    pub confirm_host: Option<String>,
    /// Send at most so many requests a second; 0 for no limit [default: 5 for targets elsewhere, 0 for others].
    #[arg(long, value_name = "N")]
    pub rate: Option<u32>,
}

/// `rehearsal runscope`.
#[derive(Debug, Args)]
pub struct Runscope {
    /// The file, as Okta publishes it or as Runscope (BlazeMeter API Monitoring) exports it.
    #[arg(value_name = "FILE.json")]
    pub file: PathBuf,
    /// The SCIM base URL; the file's {{SCIMBaseURL}}. May be left out with --list.
    #[arg(value_name = "BASE_URL")]
    pub base_url: Option<String>,
    /// Give a variable of the file a value, a secret as env:NAME, file:PATH or cmd:COMMAND. May be repeated.
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    pub variables: Vec<(String, String)>,
    /// Start a mock Okta org that provisions to the service provider, and fill {{oktaOrgUrl}}, {{oktaAppId}} and
    /// {{oktaToken}} with it; without BASE_URL the specimen stands in. As which app the org sees it may follow:
    /// `--org=aiw` [default: catalog].
    #[arg(long, value_name = "APP", num_args = 0..=1, require_equals = true, value_parser = app)]
    pub org: Option<Option<AppId>>,
    /// How much of the file's pauses to keep: 0 for none, 1 for all [default: 0.05; with --org: 0, because its calls are
    /// answered when the provisioning that follows is over].
    #[arg(long, value_name = "0..1", value_parser = scale)]
    pub pause_scale: Option<f64>,
    /// List the steps of the file, and stop.
    #[arg(long)]
    pub list: bool,
    /// The version of SCIM that the base URL speaks [default: the one whose schemas the file names].
    #[arg(long, value_enum)]
    pub scim: Option<ScimArg>,
    /// Wait up to this long for the target to answer.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub wait: Option<Duration>,
    /// How to prove who we are; the file's {{auth}}.
    #[command(flatten)]
    pub auth: AuthArgs,
    /// Whom to trust.
    #[command(flatten)]
    pub tls: TlsArgs,
    /// Where to write.
    #[command(flatten)]
    pub guard: GuardArgs,
    /// What turns the run red; a step called optional only warns under okta [default: okta].
    #[arg(long, value_enum)]
    pub gate: Option<GateArg>,
    /// Names and values grow from it; the same seed sends the same bytes [default: chosen at random and printed].
    #[arg(long, value_name = "NUMBER", value_parser = seed)]
    pub seed: Option<Seed>,
    /// How long one answer may take; Okta closes the connection after 60 s.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub timeout: Duration,
    /// Where journals of what a run created are kept while it runs.
    #[arg(long, value_name = "DIR", default_value = "rehearsal-report")]
    pub journal_dir: PathBuf,
    /// How to tell the result.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `rehearsal specimen`.
#[derive(Debug, Args)]
pub struct Specimen {
    /// The port on 127.0.0.1.
    #[arg(long, value_name = "N", default_value = "8901")]
    pub port: u16,
    /// Switch a fault on. May be repeated.
    #[arg(long, value_name = "NAME")]
    pub fault: Vec<String>,
    /// List the faults, and stop.
    #[arg(long)]
    pub list_faults: bool,
    /// List the quirks, which the suites only warn about, and stop. `--fault` takes them as well.
    #[arg(long, conflicts_with = "list_faults")]
    pub list_quirks: bool,
    /// Switch a lawful difference on. May be repeated.
    #[arg(long, value_name = "NAME")]
    pub variant: Vec<String>,
    /// List the lawful differences, and stop.
    #[arg(long, conflicts_with_all = ["list_faults", "list_quirks"])]
    pub list_variants: bool,
    /// How many people to begin with, a million at most.
    #[arg(long, value_name = "N", default_value = "0", value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    pub users: u32,
    /// How many groups to begin with, a million at most.
    #[arg(long, value_name = "N", default_value = "0", value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    pub groups: u32,
    /// The userName of whom /Me stands for: the first of the people by default.
    #[arg(long, value_name = "USERNAME")]
    pub me: Option<String>,
    /// Answer the N-th write with 429 and `Retry-After: 1`, and every other one as usual.
    #[arg(long, value_name = "N")]
    pub throttle: Option<NonZeroU64>,
    /// What credentials to ask for. The secret comes from SCIM_TOKEN; without it one is made and printed.
    #[arg(long, value_enum, default_value_t = SpecimenAuth::Bearer)]
    pub auth: SpecimenAuth,
}

/// `rehearsal compare`.
#[derive(Debug, Args)]
pub struct Compare {
    /// The JSON report of the earlier run.
    #[arg(value_name = "OLD.json")]
    pub old: PathBuf,
    /// The JSON report of the later run.
    #[arg(value_name = "NEW.json")]
    pub new: PathBuf,
    /// Print JSON, for programs.
    #[arg(long)]
    pub json: bool,
    /// Print Markdown, for a pull request or a job's summary.
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
    /// When to colour.
    #[arg(long, value_enum, default_value_t = ColorArg::Auto)]
    pub color: ColorArg,
}

/// `rehearsal merge`.
#[derive(Debug, Args)]
pub struct Merge {
    /// The JSON reports of all the parts, in any order.
    #[arg(value_name = "PART.json", required = true)]
    pub parts: Vec<PathBuf>,
    /// How to tell the result.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `rehearsal cleanup`.
#[derive(Debug, Args)]
pub struct Cleanup {
    /// The run's id, as its report gives it: `rh…`.
    pub run: String,
    /// The version of SCIM that the target speaks.
    #[arg(long, value_enum, default_value_t = ScimArg::V2)]
    pub scim: ScimArg,
    /// Where journals are kept.
    #[arg(long, value_name = "DIR", default_value = "rehearsal-report")]
    pub journal_dir: PathBuf,
    /// How to prove who we are.
    #[command(flatten)]
    pub auth: AuthArgs,
    /// Whom to trust.
    #[command(flatten)]
    pub tls: TlsArgs,
}

/// `rehearsal doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// The SCIM base URL, for example `https://staging.example.com/scim/v2`.
    #[arg(value_name = "BASE_URL")]
    pub base_url: Option<String>,
    /// The version of SCIM that the base URL speaks.
    #[arg(long, value_enum, default_value_t = ScimArg::V2)]
    pub scim: ScimArg,
    /// How long one answer may take.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub timeout: Duration,
    /// How to prove who we are.
    #[command(flatten)]
    pub auth: AuthArgs,
    /// Whom to trust.
    #[command(flatten)]
    pub tls: TlsArgs,
}

/// `rehearsal init`.
#[derive(Debug, Args)]
pub struct Init {
    /// The SCIM base URL that the project is tested at.
    #[arg(value_name = "BASE_URL", default_value = "http://localhost:8080/scim/v2")]
    pub base_url: String,
    /// Whose CI the job is for [default: the one the folder has something of, or else github].
    #[arg(long, value_enum)]
    pub ci: Option<Ci>,
    /// The project's folder.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
}

/// `rehearsal okta`.
#[derive(Debug, Subcommand)]
pub enum OktaCommand {
    /// Serve the org: Okta's Management API and System Log.
    Serve(OktaServe),
    /// Run a command beside an org, with what it needs to find it in its environment, and end with its exit code.
    ///
    /// Sets OKTA_ORG_URL, OKTA_TOKEN, OKTA_APP_ID, SCIM_URL and SCIM_TOKEN, and the variables Okta's SDKs look for.
    /// Where no service provider is named, the specimen stands in.
    Exec(OktaExec),
    /// Tell a story: people join, move and leave, and the service provider is looked at after each chapter.
    Run(OktaRun),
    /// Test a receiver of Okta's event hooks: what it makes of challenges, batches, duplicates, disorder.
    Hooks(OktaHooks),
    /// Export the System Log of an org: who did what to whom, when, how it went, and the SCIM requests it caused.
    ///
    /// From a mock org, from a real one, or from the folder of one that is not running. Exit codes: 0 exported · 2 bad
    /// arguments · 3 the org does not answer, or refuses the token · 74 the export cannot be written.
    Audit(OktaAudit),
}

/// `rehearsal okta audit`.
#[derive(Debug, Args)]
pub struct OktaAudit {
    /// The URL of the org [default: OKTA_ORG_URL].
    #[arg(value_name = "URL")]
    pub url: Option<String>,
    /// Where the API token is: env:NAME, file:PATH or cmd:COMMAND [default: env:OKTA_TOKEN].
    #[arg(long, value_name = "SECRET")]
    pub token: Option<String>,
    /// Read the org that `okta serve --state DIR` keeps there, whether or not it runs.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["url", "token"])]
    pub state: Option<PathBuf>,
    /// Only events from this moment on: 2026-01-05 or 2026-01-05T09:00:00Z [default: the last seven days, which is Okta's].
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only events up to this moment.
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Only events for which this holds, in Okta's words: `eventType eq "user.lifecycle.deactivate"`.
    #[arg(long, value_name = "EXPRESSION")]
    pub filter: Option<String>,
    /// One JSON object a line, or RFC 4180 with a first line of names.
    #[arg(long, value_enum, default_value_t = AuditFormat::Ndjson)]
    pub format: AuditFormat,
    /// Write to a file, which gets its name when it is whole [default: standard output].
    #[arg(long, short = 'o', value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// The forms of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AuditFormat {
    /// One JSON object a line; the shape is harness/src/audit/audit.schema.json in the source tree.
    Ndjson,
    /// A table for spreadsheets; what begins like a formula gets an apostrophe in front.
    Csv,
}

/// `rehearsal okta hooks`.
#[derive(Debug, Args)]
pub struct OktaHooks {
    /// The receiver's URL, as an administrator would give it to Okta. May be left out with --list.
    #[arg(value_name = "RECEIVER_URL", required_unless_present = "list")]
    pub url: Option<String>,
    /// Which cases, as for `test`. All, if none is given.
    #[arg(value_name = "SELECTOR")]
    pub selectors: Vec<String>,
    /// List the cases that would run, and stop.
    #[arg(long)]
    pub list: bool,
    /// Where the secret is that Okta sends as the whole value of a header: env:NAME, file:PATH or cmd:COMMAND.
    #[arg(long, value_name = "SECRET")]
    pub secret: Option<String>,
    /// The header that carries the secret.
    #[arg(long, value_name = "NAME", default_value = "Authorization", requires = "secret")]
    pub secret_header: String,
    /// What to run and how.
    #[command(flatten)]
    pub run: RunArgs,
    /// How to tell the result.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `rehearsal okta run`.
#[derive(Debug, Args)]
pub struct OktaRun {
    /// A story of the program, such as `lucy`, or a script of your own by its path.
    #[arg(value_name = "STORY", required_unless_present = "list")]
    pub story: Option<String>,
    /// The SCIM base URL of the story's first app. Its other apps push to specimens, and without a base URL all do.
    #[arg(value_name = "BASE_URL")]
    pub base_url: Option<String>,
    /// List the stories of the program, and stop.
    #[arg(long)]
    pub list: bool,
    /// Let the base URL stand for another app of the story than the first.
    #[arg(long = "as", value_name = "APP")]
    pub as_app: Option<String>,
    /// Switch a fault of the specimens on, to see what a finding looks like. May be repeated.
    #[arg(long, value_name = "NAME")]
    pub fault: Vec<String>,
    /// Wait up to this long for the target to answer.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub wait: Option<Duration>,
    /// How to prove who we are.
    #[command(flatten)]
    pub auth: AuthArgs,
    /// Whom to trust.
    #[command(flatten)]
    pub tls: TlsArgs,
    /// Where to write.
    #[command(flatten)]
    pub guard: GuardArgs,
    /// What turns the run red [default: okta].
    #[arg(long, value_enum)]
    pub gate: Option<GateArg>,
    /// Names and values grow from it; the same seed sends the same bytes [default: chosen at random and printed].
    #[arg(long, value_name = "NUMBER", value_parser = seed)]
    pub seed: Option<Seed>,
    /// How long one answer may take; Okta closes the connection after 60 s.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub timeout: Duration,
    /// How long the target may take to show what it was told, where the story does not say; 0 for not at all [default: 2s;
    /// for specimens: 0].
    #[arg(long, value_name = "TIME", value_parser = duration_or_none)]
    pub settle: Option<Duration>,
    /// Where journals of what a run created are kept while it runs.
    #[arg(long, value_name = "DIR", default_value = "rehearsal-report")]
    pub journal_dir: PathBuf,
    /// How to tell the result.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `rehearsal okta serve`.
#[derive(Debug, Args)]
pub struct OktaServe {
    /// The port.
    #[arg(long, value_name = "N", default_value = "8902")]
    pub port: u16,
    /// The address; another than the default opens the org to other machines, which need the token all the same.
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    pub address: IpAddr,
    /// A name by which the org may be called beside those of this machine. May be repeated.
    #[arg(long, value_name = "NAME")]
    pub host: Vec<String>,
    /// Keep the org in this folder, and go on with the one that is there: it survives a stop, a crash and a kill at any
    /// moment. Passwords and tokens are not written.
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// What the org is.
    #[command(flatten)]
    pub org: OktaOrg,
}

/// `rehearsal okta exec`.
#[derive(Debug, Args)]
pub struct OktaExec {
    /// What the org is.
    #[command(flatten)]
    pub org: OktaOrg,
    /// The command and its arguments, after `--`.
    #[arg(required = true, last = true, value_name = "CMD")]
    pub command: Vec<String>,
}

/// What a mock org is. Its token comes from OKTA_TOKEN; without it one is made.
#[derive(Debug, Args)]
pub struct OktaOrg {
    /// The SCIM base URL of apps for which the seed names none [default: SCIM_URL].
    #[arg(long, value_name = "BASE_URL")]
    pub scim_url: Option<String>,
    /// What the org begins with; without it an org named acme, with Lucy and one app.
    #[arg(long, value_name = "PATH")]
    pub seed_file: Option<PathBuf>,
    /// Answer a call only when the provisioning that follows from it is over.
    #[arg(long)]
    pub sync: bool,
    /// How to prove who we are.
    #[command(flatten)]
    pub auth: AuthArgs,
}

/// The gates.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum GateArg {
    /// What breaks or misleads Okta; any 5xx, hang or lost data.
    Okta,
    /// That, and every RFC MUST.
    Rfc,
    /// That, and every RFC SHOULD.
    Strict,
}

impl From<GateArg> for scim_record::Gate {
    fn from(gate: GateArg) -> Self {
        match gate {
            GateArg::Okta => scim_record::Gate::Okta,
            GateArg::Rfc => scim_record::Gate::Rfc,
            GateArg::Strict => scim_record::Gate::Strict,
        }
    }
}

/// The versions of SCIM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ScimArg {
    /// SCIM 2.0 (RFC 7643 and RFC 7644), the only one for submissions to the OIN.
    #[value(name = "2.0")]
    V2,
    /// SCIM 1.1, which private and older apps may still speak.
    #[value(name = "1.1")]
    V1_1,
}

impl From<ScimArg> for ScimVersion {
    fn from(version: ScimArg) -> Self {
        match version {
            ScimArg::V2 => ScimVersion::V2,
            ScimArg::V1_1 => ScimVersion::V1_1,
        }
    }
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorArg {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The specimen's ways to authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SpecimenAuth {
    /// `Authorization: Bearer <secret>`.
    Bearer,
    /// `Authorization: <secret>`, as Okta's "Header" mode sends it.
    Header,
    /// `Authorization: Basic`, user `rehearsal`.
    Basic,
    /// Nobody is asked.
    None,
}

fn app(text: &str) -> Result<AppId, String> {
    text.parse().map_err(|_| "choose catalog, wizard, aiw, catalog-1.1 or aiw-1.1".to_owned())
}

fn rerun(text: &str) -> Result<Rerun, String> {
    match text {
        "" => Err("say last, or name a JSON report".to_owned()),
        "last" => Ok(Rerun::Last),
        path => Ok(Rerun::Report(PathBuf::from(path))),
    }
}

fn seed(text: &str) -> Result<Seed, String> {
    text.parse().map_err(|_| "a seed is a whole number below 2^64, decimal or 0x…".to_owned())
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

fn scale(text: &str) -> Result<f64, String> {
    let scale: Option<f64> = text.parse().ok();
    scale.filter(|scale| (0.0..=1.0).contains(scale)).ok_or_else(|| "choose a number from 0 to 1".to_owned())
}

/// Reads `500ms`, `30s`, `2m`; a bare number counts seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = &text[digits.len()..];
    let number: f64 = digits.parse().map_err(|_| DURATION_HELP.to_owned())?;
    let seconds = match unit {
        "ms" => number / 1000.0,
        "" | "s" => number,
        "m" => number * 60.0,
        _ => return Err(DURATION_HELP.to_owned()),
    };
    match Duration::try_from_secs_f64(seconds) {
        Ok(time) if !time.is_zero() && seconds <= 86_400.0 => Ok(time),
        _ => Err(DURATION_HELP.to_owned()),
    }
}

/// Reads a time that may be none at all.
fn duration_or_none(text: &str) -> Result<Duration, String> {
    let is_none = text.trim_end_matches(['m', 's']).parse() == Ok(0.0);
    if is_none { Ok(Duration::ZERO) } else { duration(text) }
}

const DURATION_HELP: &str = "write a time as 500ms, 30s or 2m, above zero and at most a day";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times_are_read_with_their_units() {
        for (text, expected) in [("500ms", 500), ("30s", 30_000), ("2m", 120_000), ("5", 5_000), ("1.5s", 1_500)] {
            assert_eq!(duration(text), Ok(Duration::from_millis(expected)), "{text}");
        }
        for text in ["", "s", "0", "-1s", "10h", "1e99", "NaN"] {
            assert!(duration(text).is_err(), "{text}");
        }
        assert_eq!(duration_or_none("0"), Ok(Duration::ZERO));
        assert_eq!(duration_or_none("0s"), Ok(Duration::ZERO));
        assert_eq!(duration_or_none("2s"), Ok(Duration::from_secs(2)));
        assert!(duration_or_none("s").is_err());
    }
}
