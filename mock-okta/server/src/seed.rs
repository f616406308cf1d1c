//! What an org begins with: a TOML file, or the small org that stands in where there is none.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use mock_okta::hook::{AuthScheme, Channel, HookSecret, MOST_HOOKS, Subscription};
use mock_okta::org::{Attributes, OrgEvent};
use mock_okta::workflow::{Vendor, Workflow};
use mock_okta::{App, AppId, AppKind, Attribute, Profile};
use scim_transport::{Credentials, Secret, Target};
use serde::Deserialize;
use std::collections::BTreeMap;

use crate::error::ApiError;
use crate::flows::{self, Flows};
use crate::resources::{apps, event_hooks, rules, users};
use crate::world::{Clock, PersonCard, Service, World};

/// What an org begins with.
///
/// ```
/// use mock_okta_server::Seed;
///
/// let seed = Seed::parse(r#"
///     org = "acme"
///     clock = "2026-01-05T09:00:00Z"        # the org's time; the real one where nothing is said
///
///     [[group]]
///     name = "Customer Support"
///
///     [[person]]
///     login = "lucy@acme.example.com"
///     first-name = "Lucy"
///     last-name = "Winter"
///     status = "staged"                     # or active, which is the default
///     groups = ["Customer Support"]
///     profile = { title = "Agent" }         # further keys of the Okta profile
///
///     [[rule]]
///     name = "Support"
///     expression = 'user.department == "Support"'
///     groups = ["Customer Support"]
///
///     [[app]]
///     label = "OktReward"
///     kind = "catalog"                      # or wizard, aiw, catalog-1.1, aiw-1.1
///     url = "http://127.0.0.1:8901/scim/v2" # without one: what the caller gives
///     bearer = "env:SCIM_TOKEN"             # or header = "NAME: env:…", basic = "USER:env:…"
///     push = ["create", "update", "deactivate"]
///     groups = ["Everyone"]
///     push-groups = ["Customer Support"]
///
///     [[event-hook]]
///     name = "Offboarding"
///     url = "http://127.0.0.1:9000/hooks"   # https, or http to this machine and to the seed's plain-hosts
///     events = ["user.lifecycle.deactivate"]
///     headers = { X-Tenant = "acme" }
///     verified = true                       # which is the default: nobody is asked, and deliveries begin at once
///
///     [vendor]                              # where flows may send requests, and nowhere else
///     api = "http://127.0.0.1:9000/v1"
///
///     [[flow]]
///     name = "hand-over"
///     on = "user.lifecycle.deactivate"      # or schedule:daily 02:00, in the org's time-zone
///     if = 'user.profile.department == "Support"'
///     [[flow.step]]
///     delay = "7d"                          # on the org's clock
///     [[flow.step]]
///     call = "POST ${vendor.api}/transfers"
///     json = { from = "${user.email}", to = "${user.manager.email}" }
///     retry = { max = 1, on = [429, 503] }
///     expect = { status = [200, 202], json."/state" = "queued" }
///     save = { job = "/id" }
///     [[flow.step]]
///     poll = "GET ${vendor.api}/transfers/${save.job}"
///     until = { json."/state" = "done" }
///     within = "30s"
/// "#)?;
/// # Ok::<(), mock_okta_server::SeedError>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Seed {
    /// As it was given.
    #[serde(skip)]
    text: String,
    org: String,
    /// From which ids follow; the name of the org where nothing is said.
    ids: Option<String>,
    clock: Option<String>,
    #[serde(default, rename = "group")]
    groups: Vec<GroupSeed>,
    #[serde(default, rename = "person")]
    people: Vec<PersonSeed>,
    #[serde(default, rename = "rule")]
    rules: Vec<RuleSeed>,
    #[serde(default, rename = "app")]
    apps: Vec<AppSeed>,
    /// Hosts that event hooks may call over plain http beside this machine.
    #[serde(default)]
    plain_hosts: Vec<String>,
    #[serde(default, rename = "event-hook")]
    event_hooks: Vec<EventHookSeed>,
    /// Of the schedules of flows: `Europe/Berlin`; UTC where nothing is said.
    time_zone: Option<String>,
    /// The base URLs flows may use.
    #[serde(default)]
    vendor: Vendor,
    #[serde(default, rename = "flow")]
    flows: Vec<Workflow>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct GroupSeed {
    name: String,
    description: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct PersonSeed {
    login: String,
    first_name: String,
    last_name: String,
    #[serde(default)]
    status: StatusSeed,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(default)]
    profile: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StatusSeed {
    Staged,
    #[default]
    Active,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RuleSeed {
    name: String,
    expression: String,
    groups: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct AppSeed {
    label: String,
    kind: Option<String>,
    url: Option<String>,
    bearer: Option<String>,
    header: Option<String>,
    basic: Option<String>,
    push: Option<Vec<PushSeed>>,
    /// Custom attributes: the key, and its external name and namespace.
    #[serde(default)]
    attributes: BTreeMap<String, AttributeSeed>,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(default)]
    people: Vec<String>,
    #[serde(default)]
    push_groups: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct EventHookSeed {
    name: String,
    description: Option<String>,
    url: String,
    events: Vec<String>,
    /// Where the value of the `Authorization` header is: `env:NAME`.
    secret: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default = "yes")]
    verified: bool,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum PushSeed {
    Create,
    Update,
    Deactivate,
    Password,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct AttributeSeed {
    external_name: String,
    external_namespace: String,
}

/// Why an org cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The file is no seed.
    #[error("the seed file does not load: {0}")]
    Malformed(#[from] toml::de::Error),
    /// Something in it cannot be.
    #[error("the seed file: {what}: {why}")]
    Impossible {
        /// What is meant.
        what: String,
        /// Why it cannot be.
        why: String,
    },
}

/// A service provider for apps that name none.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Where it is.
    pub target: Target,
    /// How to get in.
    pub credentials: Credentials,
}

impl Seed {
    /// Reads a seed.
    pub fn parse(text: &str) -> Result<Seed, SeedError> {
        let seed = Seed { text: text.to_owned(), ..toml::from_str(text)? };
        flows::check(&seed.flows, &seed.vendor).map_err(|(position, why)| {
            let (line, name) = (flows::line(text, position), seed.flows[position].name());
            impossible(&format!("line {line}: flow {name}"), why)
        })?;
        Ok(seed)
    }

    /// Returns the name by which Okta's pages would know the org.
    pub fn org(&self) -> &str {
        &self.org
    }

    /// Tells one seed from another.
    pub(crate) fn fingerprint(&self) -> String {
        let entries: toml::Table = toml::from_str(&self.text).expect("a seed is made of a text that was parsed");
        mock_okta::okta_id(entries.to_string())
    }

    /// Returns the text it was made of.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether the org's clock follows from the seed rather than from the real one.
    pub(crate) fn has_clock(&self) -> bool {
        self.clock.is_some()
    }

    /// Returns the seed without the places of secrets, for an org that calls nobody.
    pub(crate) fn without_secrets(mut self) -> Seed {
        for app in &mut self.apps {
            (app.bearer, app.header, app.basic) = (None, None, None);
        }
        for hook in &mut self.event_hooks {
            hook.secret = None;
        }
        self
    }

    /// Makes the org. Whatever follows from assignments waits in it.
    pub(crate) fn build(&self, provider: Option<&Provider>) -> Result<World, SeedError> {
        let began = match &self.clock {
            Some(text) => text.parse::<Timestamp>().map_err(|error| impossible("clock", error.to_string()))?,
            None => Timestamp::now(),
        };
        let mut world =
            World::new(&self.org, self.ids.as_deref().unwrap_or(&self.org), Clock::starting(began.as_second()));
        self.add_groups(&mut world)?;
        for person in &self.people {
            add_person(&mut world, person).map_err(within(&person.login))?;
        }
        for rule in &self.rules {
            let groups = rule.groups.iter().map(|name| group(&world, name)).collect::<Result<_, _>>()?;
            let made = rules::rule(&world, &rule.name, &rule.expression, groups).map_err(refused(&rule.name))?;
            let id = rules::add(&mut world, made);
            rules::switch(&mut world, &id, true).map_err(refused(&rule.name))?;
        }
        for app in &self.apps {
            add_app(&mut world, app, provider).map_err(within(&app.label))?;
        }
        world.hooks.plain_hosts.clone_from(&self.plain_hosts);
        for hook in &self.event_hooks {
            add_hook(&mut world, hook).map_err(within(&hook.name))?;
        }
        world.flows = self.flows()?;
        world.flows.skip_to(world.org.log().len(), world.org.now());
        Ok(world)
    }

    fn flows(&self) -> Result<Flows, SeedError> {
        let zone = match &self.time_zone {
            Some(name) => TimeZone::get(name).map_err(|error| impossible("time-zone", error.to_string()))?,
            None => TimeZone::UTC,
        };
        let flows = Flows::new(self.flows.clone(), self.vendor.clone(), zone);
        flows.map_err(|(what, why)| impossible(&what, why))
    }

    fn add_groups(&self, world: &mut World) -> Result<(), SeedError> {
        let everyone =
            GroupSeed { name: EVERYONE.to_owned(), description: Some("All users in your organization".to_owned()) };
        for group in std::iter::once(&everyone).chain(&self.groups) {
            let key = world.fresh_key(&format!("group/{}", group.name));
            let id = world.org.group_id(&key);
            let (name, description) = (group.name.clone(), group.description.clone());
            world.apply(OrgEvent::CreateGroup { key, name, description }).map_err(refused(&group.name))?;
            world.everyone.get_or_insert(id);
        }
        Ok(())
    }
}

/// An org named acme: Lucy, who is in Customer Support, the group People Managers, and one app to which nobody is assigned.
impl Default for Seed {
    fn default() -> Seed {
        Seed::parse(ACME).expect("the seed of the program is well-formed")
    }
}

fn add_person(world: &mut World, seed: &PersonSeed) -> Result<(), SeedError> {
    let mut profile = Profile::new(&seed.login, &seed.first_name, &seed.last_name);
    for (key, value) in &seed.profile {
        profile.set(key, value).map_err(|error| impossible(key, error.to_string()))?;
    }
    let groups = seed.groups.iter().map(|name| group(world, name)).collect::<Result<Vec<_>, _>>()?;
    let groups: Vec<String> = groups.into_iter().filter(|id| world.everyone.as_ref() != Some(id)).collect();
    let id = users::add(world, profile, &groups, false).map_err(refused(&seed.login))?;
    world.people.insert(id.clone(), PersonCard { password: true, ..PersonCard::default() });
    if seed.status == StatusSeed::Active {
        crate::resources::lifecycle::start_work(world, &id).map_err(refused(&seed.login))?;
    }
    Ok(())
}

fn add_app(world: &mut World, seed: &AppSeed, provider: Option<&Provider>) -> Result<(), SeedError> {
    let settings = settings(seed)?;
    let service = match &seed.url {
        Some(url) => Some(Provider {
            target: Target::parse(url).map_err(|error| impossible("url", error.to_string()))?,
            credentials: credentials(seed)?,
        }),
        None => provider.cloned(),
    };
    let service = service.map(|provider| Service::new(provider.target, provider.credentials));
    let is_connected = service.is_some();
    let app = apps::add(world, settings, service).map_err(refused(&seed.label))?;
    for name in &seed.groups {
        let event = OrgEvent::AssignGroup {
            app: app.clone(),
            group: group(world, name)?,
            priority: None,
            attributes: Attributes::new(),
        };
        world.apply(event).map_err(refused(name))?;
    }
    for login in &seed.people {
        let person = users::find(world, login).map_err(refused(login))?;
        let event = OrgEvent::Assign { app: app.clone(), person, attributes: Attributes::new() };
        world.apply(event).map_err(refused(login))?;
    }
    for name in seed.push_groups.iter().filter(|_| is_connected) {
        let event = OrgEvent::PushGroup { app: app.clone(), group: group(world, name)? };
        world.apply(event).map_err(refused(name))?;
    }
    Ok(())
}

fn add_hook(world: &mut World, seed: &EventHookSeed) -> Result<(), SeedError> {
    let secret = |source: &String| {
        let resolved = Secret::resolve(source).map_err(|error| impossible("secret", error.to_string()))?;
        Ok::<_, SeedError>(AuthScheme {
            key: "Authorization".to_owned(),
            value: HookSecret(resolved.expose().to_owned()),
        })
    };
    let header = |(name, value): (&String, &String)| (name.clone(), HookSecret(value.clone()));
    let channel = Channel {
        uri: seed.url.clone(),
        headers: seed.headers.iter().map(header).collect(),
        auth: seed.secret.as_ref().map(secret).transpose()?,
    };
    event_hooks::check_uri(&channel.uri, &world.hooks.plain_hosts).map_err(|why| impossible("url", why))?;
    let (name, description) = (seed.name.clone(), seed.description.clone());
    let subscription = Subscription { name, description, event_types: seed.events.clone(), channel };
    if let Some(wrong) = subscription.check().first() {
        return Err(impossible(&seed.name, wrong.to_string()));
    }
    if seed.verified && !world.hooks.has_room() {
        return Err(impossible(&seed.name, format!("an org has at most {MOST_HOOKS} verified event hooks")));
    }
    let id = event_hooks::fresh_id(world, &seed.name);
    world.seed_hook(id, subscription, seed.verified);
    Ok(())
}

fn settings(seed: &AppSeed) -> Result<App, SeedError> {
    let id = match &seed.kind {
        Some(kind) => kind.parse::<AppId>().map_err(|error| impossible("kind", error.to_string()))?,
        None => AppId::from(AppKind::Catalog),
    };
    let mut app = App { label: seed.label.clone(), ..apps::app_of(id) };
    if let Some(push) = &seed.push {
        app.push.create = push.contains(&PushSeed::Create);
        app.push.update = push.contains(&PushSeed::Update);
        app.push.deactivate = push.contains(&PushSeed::Deactivate);
        app.push.password = push.contains(&PushSeed::Password);
    }
    for (key, attribute) in &seed.attributes {
        let attribute = Attribute::new(key, &attribute.external_name, &attribute.external_namespace);
        app.map(attribute.map_err(|error| impossible(key, error.to_string()))?);
    }
    Ok(app)
}

fn credentials(seed: &AppSeed) -> Result<Credentials, SeedError> {
    let secret = |source: &str| Secret::resolve(source).map_err(|error| impossible("a secret", error.to_string()));
    let parts = |text: &'_ str, what: &str| match text.split_once(':') {
        Some((name, source)) => Ok((name.trim().to_owned(), source.trim_start().to_owned())),
        None => Err(impossible(what, "write it as NAME: env:VARIABLE".to_owned())),
    };
    match (&seed.bearer, &seed.header, &seed.basic) {
        (None, None, None) => Ok(Credentials::None),
        (Some(source), None, None) => Ok(Credentials::Bearer(secret(source)?)),
        (None, Some(text), None) => {
            let (name, source) = parts(text, "header")?;
            Ok(Credentials::Header { name, value: secret(&source)? })
        }
        (None, None, Some(text)) => {
            let (user, source) = parts(text, "basic")?;
            Ok(Credentials::Basic { user, password: secret(&source)? })
        }
        _ => Err(impossible("bearer, header, basic", "one of them at most".to_owned())),
    }
}

fn group(world: &World, name: &str) -> Result<String, SeedError> {
    let found = world.org.groups().find(|group| group.name == name);
    found.map(|group| group.id.clone()).ok_or_else(|| impossible(name, "there is no such group".to_owned()))
}

fn refused(what: &str) -> impl FnOnce(ApiError) -> SeedError {
    let what = what.to_owned();
    move |error| impossible(&what, error.reason())
}

/// Says in which entry something cannot be.
fn within(what: &str) -> impl FnOnce(SeedError) -> SeedError {
    let entry = what.to_owned();
    move |error| match error {
        SeedError::Impossible { what, why } if what != entry => impossible(&format!("{entry}: {what}"), why),
        other => other,
    }
}

fn impossible(what: &str, why: String) -> SeedError {
    SeedError::Impossible { what: what.to_owned(), why }
}

/// The group Okta puts everybody into.
const EVERYONE: &str = "Everyone";

const ACME: &str = r#"
org = "acme"

[[group]]
name = "Customer Support"

[[group]]
name = "People Managers"

[[person]]
login = "lucy@acme.example.com"
first-name = "Lucy"
last-name = "Winter"
groups = ["Customer Support"]
profile = { title = "Support Agent", department = "Customer Support" }

[[app]]
label = "Rehearsal"
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_file_there_is_lucy_in_acme() {
        let world = Seed::default().build(None).unwrap();
        let groups: Vec<&str> = world.org.groups().map(|group| group.name.as_str()).collect();
        assert_eq!(groups, ["Everyone", "Customer Support", "People Managers"]);
        assert_eq!(
            world.org.people().map(|person| person.profile.login.as_str()).collect::<Vec<_>>(),
            ["lucy@acme.example.com"]
        );
        assert!(world.org.groups().take(2).all(|group| group.members.len() == 1));
        assert_eq!((world.apps.len(), world.org.pending().len()), (1, 0));
        assert_eq!(Seed::default().fingerprint(), Seed::default().fingerprint());
    }

    #[test]
    fn a_seed_that_cannot_be_says_where() {
        for (text, part) in [
            ("org = 1", "line 1"),
            ("org = 'a'\nx = 1", "unknown field"),
            ("org = 'a'\n[[app]]\nlabel = 'A'\ngroups = ['Crew']", "A: Crew: there is no such group"),
            ("org = 'a'\n[[app]]\nlabel = 'A'\nurl = 'ftp://x'", "A: url"),
            ("org = 'a'\n[[app]]\nlabel = 'A'\nurl = 'http://x'\nbearer = 'secret'", "A: a secret"),
            (
                "org = 'a'\n[[person]]\nlogin = 'a@b'\nfirst-name = 'A'\nlast-name = 'B'\nprofile = { x = '1' }",
                "a@b: x",
            ),
            ("org = 'a'\n[[event-hook]]\nname = 'H'\nurl = 'http://a.example'\nevents = []", "H: url: it is not https"),
            ("org = 'a'\n[[event-hook]]\nname = 'H'\nurl = 'https://a.example'\nevents = ['x']", "H: events.items: x"),
            ("org = 'a'\n[[rule]]\nname = 'R'\nexpression = 'true'\ngroups = []", "R: Unsupported"),
        ] {
            let error = Seed::parse(text).and_then(|seed| seed.build(None)).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
