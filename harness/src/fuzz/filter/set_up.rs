//! The population, and what the server makes of filters about it.

use super::super::lane::Lane;
use super::super::{Ground, Unfit};
use super::Filter;
use super::ask::{Isolation, Outcome};
use crate::client::{Stop, encode};
use crate::discovery::{Attribute as Described, Discovery};
use futures_util::stream::{StreamExt, TryStreamExt, iter};
use scim_fuzz::filter::{
    Attribute, Catalog, Directory, Filters, Kind, Point, Query, Resource, Status, Topic, Way, World,
};
use scim_lang::filter::{CompareOp, Filter as Expression};
use scim_lang::path::AttrPath;
use scim_lang::schema::{ResourceType, Type, group_type, user_type};
use scim_lang::urn;
use scim_transport::Reply;
use serde_json::Value;
use std::time::{Duration, Instant};

impl Filter {
    pub(super) async fn make_ready(ground: &Ground<'_>) -> Result<Filter, Unfit> {
        let lane = ground.lane;
        let mark = lane.name("pop-");
        let users = people(ground, &mark).await?;
        if users.len() < FEWEST {
            return Err(Unfit::Skip(format!("only {} of the people to search for could be created", users.len())));
        }
        let ids: Vec<String> = users.iter().map(|user| user.id.clone()).collect();
        let groups = groups(lane, &mark, &ids).await?;
        let users = read_back(lane, Kind::Users, users).await?;
        let groups = read_back(lane, Kind::Groups, groups).await?;
        let users = Directory::new(catalog(ground.discovery, "User", user_type()), users);
        let groups = Directory::new(catalog(ground.discovery, "Group", group_type()), groups);
        let world = World { mark, users, groups, has_search: false };
        let topics: Vec<Topic> = Topic::ALL.into_iter().filter(|topic| ground.asks_for(topic.word())).collect();
        let mut filter = Filter {
            inputs: Filters::new(world),
            isolation: Isolation::ByUs,
            can_isolate: false,
            totals: [None, None],
            settle: ground.settle,
        };
        filter.await_population(lane).await?;
        for kind in Kind::ALL {
            filter.totals[kind as usize] = filter.total(lane, kind).await?;
        }
        let world = filter.calibrated(lane).await?;
        if world.users.support.status("eq of type string") == Status::Refused {
            return Err(Unfit::Skip("the server refuses the simplest filter there is".to_owned()));
        }
        filter.can_isolate = can_isolate(&world);
        if filter.can_isolate && filter.totals.iter().flatten().any(|total| *total > FEW) {
            filter.isolation = Isolation::ByServer;
        }
        filter.inputs = Filters::new(world).about(&topics);
        Ok(filter)
    }

    /// Waits until the server finds what was created last, as long as it may be behind.
    async fn await_population(&self, lane: &Lane<'_>) -> Result<(), Stop> {
        let directory = self.inputs.world().directory(Kind::Users);
        let Some(last) = directory.resources.last() else { return Ok(()) };
        let name = last.shown["userName"].as_str().unwrap_or_default();
        let query = Query::plain(Expression::compare(AttrPath::new("userName"), CompareOp::Eq, name));
        let started = Instant::now();
        while started.elapsed() < self.settle {
            match self.ask(lane, Kind::Users, &query).await? {
                Outcome::Found(list) if !list.ids.contains(&last.id) => tokio::time::sleep(PAUSE).await,
                _ => break,
            }
        }
        Ok(())
    }

    /// Returns how many resources of a type there are, whoever created them.
    async fn total(&self, lane: &Lane<'_>, kind: Kind) -> Result<Option<u64>, Stop> {
        let reply = lane.send(lane.request("GET", format!("{}?count=1", kind.endpoint()), None)).await?;
        let list: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        Ok(list["totalResults"].as_u64().filter(|_| reply.status == 200))
    }

    /// Asks what the server takes, and how it reads what RFC 7644 leaves open.
    async fn calibrated(&self, lane: &Lane<'_>) -> Result<World, Stop> {
        let mut world = self.inputs.world().clone();
        for kind in Kind::ALL {
            if world.directory(kind).resources.len() < 2 {
                continue;
            }
            let probes = world.directory(kind).probes();
            let answers: Vec<Outcome> = iter(&probes)
                .map(|probe| async { self.ask(lane, kind, &Query::plain(probe.filter.clone())).await })
                .buffered(AT_ONCE)
                .try_collect()
                .await?;
            let directory = world.directory_mut(kind);
            for (probe, answer) in probes.iter().zip(&answers) {
                let status = status(directory, &probe.filter, answer);
                directory.support.note(probe, status);
            }
            for point in Point::ALL {
                let reading = self.reading(lane, kind, world.directory(kind), point).await?;
                world.directory_mut(kind).dialect.note(point, reading);
            }
        }
        world.has_search = self.has_search(lane, &world).await?;
        Ok(world)
    }

    async fn reading(
        &self,
        lane: &Lane<'_>,
        kind: Kind,
        directory: &Directory,
        point: Point,
    ) -> Result<Option<bool>, Stop> {
        for filter in directory.questions_on(point) {
            if let Outcome::Found(list) = self.ask(lane, kind, &Query::plain(filter.clone())).await?
                && let Some(reading) = directory.reading(point, &filter, list.places(directory))
            {
                return Ok(Some(reading));
            }
        }
        Ok(None)
    }

    /// RFC 7644 §3.4.3: queries by POST may be missing; one that is answered wrongly is not.
    async fn has_search(&self, lane: &Lane<'_>, world: &World) -> Result<bool, Stop> {
        let Some(first) = world.users.resources.first() else { return Ok(false) };
        let name = first.shown["userName"].as_str().unwrap_or_default();
        let filter = Expression::compare(AttrPath::new("userName"), CompareOp::Eq, name);
        let answer = self.ask(lane, Kind::Users, &Query { way: Way::Post, ..Query::plain(filter) }).await?;
        Ok(matches!(answer, Outcome::Found(list) if list.ids.contains(&first.id)))
    }
}

fn can_isolate(world: &World) -> bool {
    let support = &world.users.support;
    ["sw of type string", "and", "parentheses"].iter().all(|key| support.status(key) == Status::Sound)
}

/// Returns what an answer to a probe says about the server.
fn status(directory: &Directory, filter: &Expression, answer: &Outcome) -> Status {
    match answer {
        Outcome::Refused { .. } => Status::Refused,
        // A failure is found again by the inputs, and told then.
        Outcome::Failed { .. } | Outcome::Garbled { .. } => Status::Wrong,
        Outcome::Found(list) => {
            let is_right = directory.judge(filter).allow(list.places(directory));
            if is_right { Status::Sound } else { Status::Wrong }
        }
    }
}

async fn people(ground: &Ground<'_>, mark: &str) -> Result<Vec<Resource>, Stop> {
    let declared = ground.discovery.resource_type("User");
    let extension = declared.and_then(|ty| ty.extension(urn::ENTERPRISE_USER));
    let bodies = scim_fuzz::filter::people(mark, extension);
    let lane = ground.lane;
    let created: Vec<Option<Resource>> = iter(bodies.into_iter().enumerate())
        .map(|(number, body)| async move {
            if let Some(resource) = create(lane, Kind::Users, &body).await? {
                return Ok(Some(resource));
            }
            create(lane, Kind::Users, &scim_fuzz::filter::plain_person(mark, number)).await
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(created.into_iter().flatten().collect())
}

async fn groups(lane: &Lane<'_>, mark: &str, people: &[String]) -> Result<Vec<Resource>, Stop> {
    let bodies = scim_fuzz::filter::groups(mark, people);
    let created: Vec<Option<Resource>> = iter(bodies)
        .map(|body| async move { create(lane, Kind::Groups, &body).await })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(created.into_iter().flatten().collect())
}

async fn create(lane: &Lane<'_>, kind: Kind, body: &Value) -> Result<Option<Resource>, Stop> {
    let request = lane.request("POST", kind.endpoint(), Some(body.to_string().into()));
    Ok(resource(&lane.send(request).await?))
}

/// The oracle judges what the server shows, never what was sent.
async fn read_back(lane: &Lane<'_>, kind: Kind, created: Vec<Resource>) -> Result<Vec<Resource>, Stop> {
    let read: Vec<Option<Resource>> = iter(created)
        .map(|known| async move {
            let target = format!("{}/{}", kind.endpoint(), encode(&known.id));
            let reply = lane.send(lane.request("GET", target, None)).await?;
            Ok(resource(&reply).filter(|read| read.id == known.id))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(read.into_iter().flatten().collect())
}

fn resource(reply: &Reply) -> Option<Resource> {
    if !(200..300).contains(&reply.status) {
        return None;
    }
    let shown: Value = serde_json::from_slice(&reply.body).ok()?;
    let id = match &shown["id"] {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    Some(Resource { id, shown })
}

/// Returns what the server says about the attributes of a type; where it says nothing, RFC 7643 does.
fn catalog(discovery: &Discovery, name: &str, standard: &ResourceType) -> Catalog {
    let standard = Catalog::standard(standard);
    let Some(ty) = discovery.resource_type(name) else { return standard };
    let Some(base) = discovery.schema(&ty.schema) else { return standard };
    let is_common = |attribute: &&Attribute| COMMON.contains(&attribute.name.as_str()) && attribute.extension.is_none();
    let mut attributes: Vec<Attribute> = standard.attributes.iter().filter(is_common).cloned().collect();
    let own = base.attributes.iter().filter(|described| !COMMON.contains(&described.name.as_str()));
    attributes.extend(own.flat_map(|described| entries(None, described)));
    for urn in &ty.extensions {
        let extension = discovery.schema(urn).map_or(&[][..], |schema| schema.attributes.as_slice());
        attributes.extend(extension.iter().flat_map(|described| entries(Some(urn), described)));
    }
    Catalog { schema: ty.schema.clone(), attributes }
}

fn entries(extension: Option<&String>, described: &Described) -> Vec<Attribute> {
    let (Some(ty), false) = (described.ty, described.is_secret()) else { return Vec::new() };
    let attribute = Attribute {
        extension: extension.cloned(),
        name: described.name.clone(),
        sub: None,
        ty,
        is_many: described.multi_valued,
        case_exact: described.case_exact,
    };
    let subs = described.sub_attributes.iter().filter(|sub| sub.ty.is_some_and(|ty| ty != Type::Complex));
    let mut entries: Vec<Attribute> = subs
        .filter(|sub| !sub.is_secret())
        .map(|sub| Attribute {
            sub: Some(sub.name.clone()),
            ty: sub.ty.unwrap_or(Type::String),
            case_exact: sub.case_exact,
            ..attribute.clone()
        })
        .collect();
    // A name that cannot be written in a filter cannot be asked for.
    entries.push(attribute);
    entries.retain(|entry| AttrPath::parse(&entry.path().to_string()).is_ok_and(|path| path == entry.path()));
    entries
}

const COMMON: [&str; 4] = ["id", "externalId", "meta", "schemas"];
/// How many people there have to be for filters to tell them apart.
const FEWEST: usize = 4;
/// How many resources a server may have for all of them to be looked through.
const FEW: u64 = 100;
/// How many requests of the set-up are in flight at a time.
const AT_ONCE: usize = 4;
const PAUSE: Duration = Duration::from_millis(100);
