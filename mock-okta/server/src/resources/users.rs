//! Users.

use mock_okta::Profile;
use mock_okta::org::{Attributes, OrgEvent, Password, Person, PersonStatus};
use serde_json::{Map, Value};

use super::{inner, page, profile, required, text};
use crate::call::{Answer, Call, View};
use crate::error::{ApiError, Code};
use crate::page::Size;
use crate::shape;
use crate::world::{SignIn, World};

/// Lists people. Whoever is deactivated shows only where the call searches by a condition.
pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    if call.parameter("q").is_some() && call.parameter("filter").or(call.parameter("search")).is_some() {
        return Err(ApiError::of(Code::InvalidSearch).because("q stands alone"));
    }
    let searched = call.parameter("filter").or(call.parameter("search")).is_some();
    let wanted = |person: &&Person| searched || person.status != PersonStatus::Deprovisioned;
    let begins = call.parameter("q").map(|text| text.to_lowercase());
    let named = |person: &&Person| begins.as_deref().is_none_or(|text| is_named(&person.profile, text));
    let ids = world.org.people().filter(wanted).filter(named).map(|person| person.id.clone()).collect();
    page(world, call, ids, Size { default: 200, most: 200 }, |world, id| {
        world.org.person(id).map(|person| shape::user::user(world, person, &call.origin))
    })
}

/// Okta Management API, "List all users", `q`: the beginning of a name or of the address.
fn is_named(profile: &Profile, text: &str) -> bool {
    [&profile.first_name, &profile.last_name, &profile.email].iter().any(|value| value.to_lowercase().starts_with(text))
}

/// Creates somebody, in groups if the call names some, active unless it says otherwise.
pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let body = call.object()?;
    let profile = profile::read(&body)?;
    let credentials = Credentials::read(&body)?;
    let (groups, activate) = (group_ids(world, &body)?, call.flag("activate", true)?);
    let id = add(world, profile, &groups, false)?;
    credentials.apply(world, &id);
    if activate {
        super::lifecycle::start_work(world, &id)?;
    }
    Ok(Answer::ok(View::User(id)))
}

/// Adds somebody to the directory, to the group everybody is in, and to others.
pub(crate) fn add(world: &mut World, profile: Profile, groups: &[String], activate: bool) -> Result<String, ApiError> {
    expect_free(world, &profile.login)?;
    let key = world.fresh_key(&profile.login.clone());
    let id = world.org.person_id(&key);
    world.apply(OrgEvent::CreatePerson { key, profile, activate: false })?;
    for group in world.everyone.iter().chain(groups).cloned().collect::<Vec<_>>() {
        world.apply(OrgEvent::AddMember { group, person: id.clone() })?;
    }
    if activate {
        super::lifecycle::start_work(world, &id)?;
    }
    Ok(id)
}

/// Checks the login before a key is used up for somebody who cannot be.
fn expect_free(world: &World, login: &str) -> Result<(), ApiError> {
    match world.org.person_of_login(login) {
        Some(_) => Err(mock_okta::org::OrgError::LoginTaken(login.to_lowercase()).into()),
        None => Ok(()),
    }
}

fn group_ids(world: &World, body: &Map<String, Value>) -> Result<Vec<String>, ApiError> {
    let Some(ids) = body.get("groupIds").filter(|ids| !ids.is_null()) else { return Ok(Vec::new()) };
    let refused = || ApiError::validation("groupIds", "groupIds: it is no array of group ids");
    let mut found: Vec<String> = Vec::new();
    for id in ids.as_array().ok_or_else(refused)? {
        let group = world.org.group(id.as_str().ok_or_else(refused)?).ok_or_else(refused)?;
        if world.everyone.as_ref() != Some(&group.id) && !found.contains(&group.id) {
            found.push(group.id.clone());
        }
    }
    Ok(found)
}

/// Returns a person.
pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    Ok(Answer::ok(View::User(find(world, call.variable(0))?)))
}

/// Changes what the call names.
pub(crate) fn update(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    change(world, call, |body, before| match body.contains_key("profile") {
        true => profile::read_update(body, before),
        false => Ok(Attributes::new()),
    })
}

/// Replaces the profile: what the call does not name is erased.
pub(crate) fn replace(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    change(world, call, profile::read_replacement)
}

fn change(
    world: &mut World,
    call: &Call,
    read: fn(&Map<String, Value>, &Profile) -> Result<Attributes, ApiError>,
) -> Result<Answer, ApiError> {
    let id = find(world, call.variable(0))?;
    let body = call.object()?;
    let person = by_id(world, &id)?;
    if person.status == PersonStatus::Deprovisioned {
        return Err(ApiError::of(Code::WrongStatus));
    }
    let changes = read(&body, &person.profile)?;
    let credentials = Credentials::read(&body)?;
    if id == world.me.id {
        world.change_me(&changes)?;
        credentials.apply(world, &id);
        return Ok(Answer::ok(View::User(id)));
    }
    if !changes.is_empty() {
        let keys: Vec<String> = changes.iter().map(|(key, _)| key.clone()).collect();
        world.apply(OrgEvent::UpdateProfile { person: id.clone(), changes })?;
        super::app_users::follow_mappings(world, &id, &keys)?;
    }
    let password = credentials.password.clone();
    credentials.apply(world, &id);
    if let Some(password) = password {
        world.apply(OrgEvent::ChangePassword { person: id.clone(), password: Password(password) })?;
    }
    Ok(Answer::ok(View::User(id)))
}

/// Deactivates somebody; deletes one who is deactivated.
pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = find(world, call.variable(0))?;
    world.apply(OrgEvent::DeletePerson { person: id.clone() })?;
    if world.org.person(&id).is_none() {
        world.people.remove(&id);
    }
    Ok(Answer::nothing())
}

/// Lists the groups somebody is in.
pub(crate) fn groups(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = find(world, call.variable(0))?;
    let of = world.org.groups().filter(|group| group.members.contains_key(&id));
    let ids = of.map(|group| group.id.clone()).collect();
    page(world, call, ids, Size { default: 200, most: 200 }, |world, id| {
        world.org.group(id).map(|group| shape::group::group(world, group, &call.origin))
    })
}

/// Returns a person by id.
pub(crate) fn by_id<'a>(world: &'a World, id: &str) -> Result<&'a Person, ApiError> {
    let me = Some(&world.me).filter(|me| me.id == id);
    me.or_else(|| world.org.person(id)).ok_or_else(|| ApiError::not_found(id, "User"))
}

/// Returns the id of somebody named `me`, by id, by login, or by the login's part before `@` where only one has it.
pub(crate) fn find(world: &World, name: &str) -> Result<String, ApiError> {
    if world.org.person(name).is_some() {
        return Ok(name.to_owned());
    }
    let asked = name;
    let name = name.to_lowercase();
    if ["me", &world.me.id.to_lowercase(), &world.me.profile.login.to_lowercase()].contains(&name.as_str()) {
        return Ok(world.me.id.clone());
    }
    if let Some(person) = world.org.person_of_login(&name) {
        return Ok(person.id.clone());
    }
    let logins = world.org.people().map(|person| (person.profile.login.to_lowercase(), &person.id));
    let mut short = logins.filter(|(login, _)| login.split('@').next() == Some(name.as_str()));
    match (short.next(), short.next()) {
        (Some((_, id)), None) => Ok(id.clone()),
        _ => Err(ApiError::not_found(asked, "User")),
    }
}

/// What a body says about signing in.
struct Credentials {
    password: Option<String>,
    question: Option<String>,
}

impl Credentials {
    fn read(body: &Map<String, Value>) -> Result<Credentials, ApiError> {
        let Some(given) = inner(body, "credentials")? else {
            return Ok(Credentials { password: None, question: None });
        };
        let password = match inner(given, "password")? {
            Some(password) if password.contains_key("hash") || password.contains_key("hook") => {
                return Err(ApiError::of(Code::Unsupported).because("hashed passwords and password hooks"));
            }
            Some(password) => text(password, "value")?.map(str::to_owned),
            None => None,
        };
        let question = match inner(given, "recovery_question")? {
            Some(recovery) => {
                required(recovery, "answer")?;
                Some(required(recovery, "question")?.to_owned())
            }
            None => None,
        };
        Ok(Credentials { password, question })
    }

    fn apply(self, world: &mut World, id: &str) {
        let now = world.org.now();
        let card = world.people.entry(id.to_owned()).or_default();
        if self.password.is_some() {
            (card.password, card.password_changed, card.sign_in) = (true, Some(now), SignIn::Ready);
        }
        card.recovery_question = self.question.or(card.recovery_question.take());
    }
}
