//! One type of resource on the server under test: its attributes, those of it that the run created, and what the server
//! makes of filters.

use super::Dialect;
use super::catalog::{Attribute, Catalog};
use super::oracle::{Found, Oracle};
use super::population::Resource;
use super::truth::{Places, Truth, Truths};
use scim_lang::filter::{CompareOp, Filter, instant};
use scim_lang::path::AttrPath;
use scim_lang::schema::Type;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The people, or the groups, of one run.
#[derive(Debug, Clone)]
pub struct Directory {
    /// What the server says about their attributes.
    pub catalog: Catalog,
    /// Those the run created, as the server shows them.
    pub resources: Vec<Resource>,
    /// How the server decides what the RFC leaves open.
    pub dialect: Dialect,
    /// What it takes.
    pub support: Support,
    pools: Vec<Pool>,
    /// Where the attributes are in the catalogue, by their paths as we write them.
    positions: HashMap<AttrPath, usize>,
    /// What each attribute of the catalogue is in each resource.
    columns: Vec<Vec<Cell>>,
    /// Where the resources are, by their ids.
    places: HashMap<String, usize>,
}

/// An attribute and the values it has.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    pub(super) attribute: Attribute,
    pub(super) path: AttrPath,
    pub(super) values: Vec<Value>,
}

/// What an attribute is in a resource: found once, because filters ask for it by the thousand.
#[derive(Debug, Clone)]
struct Cell {
    values: Vec<Value>,
    silent: usize,
}

impl Directory {
    /// Returns a directory of which nothing is known but its resources, of which the first [`Truths::MOST`] count; the
    /// server is taken to support everything.
    pub fn new(catalog: Catalog, mut resources: Vec<Resource>) -> Directory {
        resources.truncate(Truths::MOST);
        let cell = |attribute: &Attribute, resource: &Resource| Cell {
            values: attribute.values(&resource.shown).into_iter().cloned().collect(),
            silent: attribute.silent(&resource.shown),
        };
        let column = |attribute: &Attribute| resources.iter().map(|resource| cell(attribute, resource)).collect();
        let attributes = catalog.attributes.iter();
        Directory {
            dialect: Dialect::default(),
            support: Support::default(),
            pools: pools(&catalog, &resources),
            positions: attributes.clone().map(Attribute::path).filter_map(|path| catalog.located(path)).collect(),
            columns: attributes.map(column).collect(),
            places: resources.iter().map(|resource| resource.id.clone()).zip(0..).collect(),
            catalog,
            resources,
        }
    }

    /// Returns what is right here.
    pub fn oracle(&self) -> Oracle<'_> {
        Oracle { catalog: &self.catalog, dialect: &self.dialect }
    }

    /// Returns for each resource whether it belongs into the answer to a filter.
    pub fn judge(&self, filter: &Filter) -> Truths {
        self.decide(&self.oracle(), filter)
    }

    pub(super) fn decide(&self, oracle: &Oracle<'_>, filter: &Filter) -> Truths {
        match filter {
            Filter::And(left, right) => self.decide(oracle, left).and(self.decide(oracle, right)),
            Filter::Or(left, right) => self.decide(oracle, left).or(self.decide(oracle, right)),
            Filter::Not(inner) => !self.decide(oracle, inner),
            Filter::Present(path) | Filter::Compare { path, .. } => self.decide_all(path, |attribute, cell| {
                oracle.condition(filter, &Found::of_resource(attribute, cell.values.iter(), cell.silent))
            }),
            Filter::ValuePath { path, filter } => {
                self.decide_all(path, |list, cell| oracle.brackets(list, filter, cell.values.iter()))
            }
        }
    }

    /// Decides on what an attribute is in each resource.
    fn decide_all(&self, path: &AttrPath, truth: impl Fn(&Attribute, &Cell) -> Truth) -> Truths {
        let position = self.positions.get(path).copied().or_else(|| self.catalog.position(path));
        let Some(position) = position else { return Truths::default() };
        let (attribute, column) = (&self.catalog.attributes[position], &self.columns[position]);
        Truths::of(column.len(), |place| truth(attribute, &column[place]))
    }

    /// Returns whether a filter selects some and not all.
    pub fn is_selective(&self, filter: &Filter) -> bool {
        self.judge(filter).tell_apart()
    }

    /// Returns where the resources of these ids are; strangers are left out.
    pub fn places<'i>(&self, ids: impl IntoIterator<Item = &'i str>) -> Places {
        ids.into_iter().filter_map(|id| self.places.get(id).copied()).collect()
    }

    /// Returns the ids of the resources at these places.
    pub fn ids(&self, places: Places) -> BTreeSet<String> {
        places.iter().map(|place| self.resources[place].id.clone()).collect()
    }

    /// Returns the ids of all resources.
    pub fn universe(&self) -> BTreeSet<String> {
        self.resources.iter().map(|resource| resource.id.clone()).collect()
    }

    /// Returns when the first resource was created, in nanoseconds since 1970.
    pub fn born(&self) -> Option<i128> {
        let created = AttrPath::new("meta").with_sub("created");
        let attribute = self.catalog.find(&created)?;
        let first = self.resources.first()?;
        attribute.values(&first.shown).first().and_then(|value| value.as_str()).and_then(instant)
    }

    /// Returns the attributes that have values and that the server takes in filters.
    pub(super) fn pools(&self, sound_alone: bool) -> Vec<&Pool> {
        let is_usable = |pool: &&Pool| match self.support.attribute(&pool.path) {
            Status::Sound => true,
            Status::Wrong => !sound_alone,
            Status::Refused => false,
        };
        self.pools.iter().filter(is_usable).collect()
    }

    /// Returns the single conditions that tell what the server takes: of each attribute one, of each type each operator
    /// that the RFC defines for it, and of each construct one.
    pub fn probes(&self) -> Vec<Probe> {
        let mut probes: Vec<Probe> = self.pools.iter().map(attribute_probe).collect();
        let present = self.pools.iter().map(|pool| Filter::Present(pool.path.clone()));
        let (telling, rest): (Vec<Filter>, Vec<Filter>) = present.partition(|filter| self.is_selective(filter));
        let some = telling.into_iter().chain(rest).take(2);
        probes.extend(some.map(|filter| Probe { key: "pr".to_owned(), filter }));
        probes.extend(self.operator_probes());
        probes.extend(self.construct_probes());
        probes
    }

    /// What is single says more about an operator than what is many, and a name more than a number.
    fn operator_probes(&self) -> Vec<Probe> {
        let mut singles: Vec<&Pool> = self.pools.iter().filter(|pool| !pool.attribute.is_many).collect();
        singles.sort_by_key(|pool| !["userName", "displayName"].iter().any(|name| pool.path.is(name)));
        let mut asked = BTreeSet::new();
        let mut probes = Vec::new();
        for pool in singles {
            for op in
                operators(&pool.attribute).into_iter().filter(|op| asked.insert(operator_key(*op, pool.attribute.ty)))
            {
                let key = operator_key(op, pool.attribute.ty);
                let compare = |operand: Value| Filter::Compare { path: pool.path.clone(), op, value: operand };
                let operands = pool.values.iter().take(2).flat_map(operands_that_tell);
                probes.extend(operands.map(|operand| Probe { key: key.clone(), filter: compare(operand) }));
            }
        }
        probes
    }

    fn construct_probes(&self) -> Vec<Probe> {
        let probe = |key: &str, filter| Probe { key: key.to_owned(), filter };
        let mut singles = self.pools.iter().filter(|pool| {
            let path = &pool.path;
            pool.attribute.ty == Type::String && path.schema.is_none() && path.sub.is_none()
        });
        let (Some(one), Some(other)) = (singles.next(), singles.next()) else { return Vec::new() };
        let equals = |pool: &Pool| {
            Filter::compare(pool.path.clone(), CompareOp::Eq, pool.values.first().cloned().unwrap_or_default())
        };
        let (one, other) = (equals(one), equals(other));
        let mut probes = vec![
            probe("and", one.clone().and(other.clone())),
            probe("or", one.clone().or(other.clone())),
            probe("not", one.clone().negated()),
            probe("parentheses", one.clone().and(one.or(other))),
        ];
        for pool in self.pools.iter().filter(|pool| pool.attribute.is_many) {
            if let (Some(sub), Some(value)) = (&pool.attribute.sub, pool.values.first()) {
                let inside = Filter::compare(AttrPath::new(sub.clone()), CompareOp::Eq, value.clone());
                let path = AttrPath { sub: None, ..pool.path.clone() };
                let key = brackets_key(&path);
                if pool.attribute.ty != Type::DateTime && !probes.iter().any(|probe| probe.key == key) {
                    probes.push(Probe { key, filter: Filter::ValuePath { path, filter: Box::new(inside) } });
                }
            }
        }
        probes
    }
}

/// A filter that is sent to learn whether the server takes such.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// What it is about.
    pub key: String,
    /// What is sent.
    pub filter: Filter,
}

/// What a server makes of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It takes it, and its answer was right.
    Sound,
    /// It takes it, and its answer was wrong; it is asked again, but not as a part of something larger.
    Wrong,
    /// It refuses it, as it may; it is not asked again.
    Refused,
}

/// What a server takes, as far as it has been asked.
#[derive(Debug, Clone, Default)]
pub struct Support {
    known: BTreeMap<String, Status>,
    wrong: Vec<Filter>,
}

impl Support {
    /// Notes what became of a probe; of several about the same, the worst counts.
    pub fn note(&mut self, probe: &Probe, status: Status) {
        let known = self.known.entry(probe.key.clone()).or_insert(status);
        *known = (*known).max(status);
        if status == Status::Wrong {
            self.wrong.push(probe.filter.clone());
        }
    }

    /// Returns the probes that were answered wrongly.
    pub(super) fn wrong(&self) -> &[Filter] {
        &self.wrong
    }

    /// Returns how many attributes are answered wrongly.
    pub(super) fn wrong_attributes(&self) -> usize {
        let is_wrong = |(key, status): &(&String, &Status)| **status == Status::Wrong && key.starts_with(ATTRIBUTE);
        self.known.iter().filter(is_wrong).count()
    }

    /// Returns with how many types of value an operator is answered wrongly.
    pub(super) fn wrong_types(&self, op: CompareOp) -> usize {
        let beginning = format!("{op} of type ");
        let is_wrong = |(key, status): &(&String, &Status)| **status == Status::Wrong && key.starts_with(&beginning);
        self.known.iter().filter(is_wrong).count()
    }

    /// Returns what is known of something; what was not asked is taken to be sound.
    pub fn status(&self, key: &str) -> Status {
        self.known.get(key).copied().unwrap_or(Status::Sound)
    }

    /// Returns what is known of an attribute.
    pub fn attribute(&self, path: &AttrPath) -> Status {
        self.status(&attribute_key(path))
    }

    /// Returns what is known of an operator with values of a type.
    pub fn operator(&self, op: CompareOp, ty: Type) -> Status {
        self.status(&operator_key(op, ty))
    }

    /// Returns what is known of brackets behind an attribute.
    pub fn brackets(&self, path: &AttrPath) -> Status {
        self.status(&brackets_key(path))
    }

    /// Returns whether something may be a part of something larger.
    pub(super) fn is_sound(&self, key: &str) -> bool {
        self.status(key) == Status::Sound
    }

    /// Returns what the server refuses, in words.
    pub fn refused(&self) -> impl Iterator<Item = &str> {
        self.known.iter().filter(|(_, status)| **status == Status::Refused).map(|(key, _)| key.as_str())
    }
}

fn attribute_key(path: &AttrPath) -> String {
    format!("{ATTRIBUTE}{path}")
}

fn operator_key(op: CompareOp, ty: Type) -> String {
    format!("{op} of type {}", ty.name())
}

fn brackets_key(path: &AttrPath) -> String {
    format!("{path}[…]")
}

fn attribute_probe(pool: &Pool) -> Probe {
    let path = pool.path.clone();
    let key = attribute_key(&path);
    match pool.values.first() {
        Some(value) if !matches!(pool.attribute.ty, Type::Complex | Type::DateTime) => {
            Probe { key, filter: Filter::compare(path, CompareOp::Eq, value.clone()) }
        }
        _ => Probe { key, filter: Filter::Present(path) },
    }
}

/// Returns operands that tell operators apart: the value and, of a text, its beginning, its end and what is between.
fn operands_that_tell(value: &Value) -> Vec<Value> {
    let mut operands = vec![value.clone()];
    if let Some(text) = value.as_str().filter(|text| text.is_ascii() && text.len() >= 6 && instant(text).is_none()) {
        let parts = [&text[..text.len() - 2], &text[2..], &text[2..text.len() - 2]];
        operands.extend(parts.into_iter().filter(|part| part.trim() == *part).map(Value::from));
    }
    operands
}

/// The operators that RFC 7644 §3.4.2.2 defines for values of an attribute.
pub(super) fn operators(attribute: &Attribute) -> Vec<CompareOp> {
    use CompareOp::{Co, Eq, Ew, Ge, Gt, Le, Lt, Ne, Sw};
    match attribute.ty {
        Type::String if attribute.refers() => vec![Eq, Ne],
        Type::String => vec![Eq, Ne, Co, Sw, Ew, Gt, Ge, Lt, Le],
        Type::Integer | Type::Decimal => vec![Eq, Ne, Gt, Ge, Lt, Le],
        // Whether a time equals another depends on what its store cuts off.
        Type::DateTime => vec![Gt, Ge, Lt, Le],
        Type::Boolean | Type::Binary | Type::Reference => vec![Eq, Ne],
        Type::Complex => Vec::new(),
    }
}

fn pools(catalog: &Catalog, resources: &[Resource]) -> Vec<Pool> {
    let with_values = |attribute: &Attribute| {
        let mut values: Vec<Value> = Vec::new();
        for value in resources.iter().flat_map(|resource| attribute.values(&resource.shown)) {
            let is_whole = attribute.is_complex() || is_of(attribute.ty, value);
            if is_whole && !values.contains(value) && values.len() < MOST_VALUES {
                values.push(value.clone());
            }
        }
        (!values.is_empty()).then(|| Pool { attribute: attribute.clone(), path: attribute.path(), values })
    };
    catalog.attributes.iter().filter(|attribute| is_fair(attribute)).filter_map(with_values).collect()
}

/// Leaves out what servers compute when they answer, and what the RFC itself says little about.
fn is_fair(attribute: &Attribute) -> bool {
    let is = |name: &str| attribute.name.eq_ignore_ascii_case(name);
    let has_sub = |names: &[&str]| {
        attribute.sub.as_deref().is_some_and(|sub| names.iter().any(|name| sub.eq_ignore_ascii_case(name)))
    };
    let is_computed = is("schemas")
        || (is("meta") && !has_sub(&["created", "lastModified", "resourceType"]))
        || (is("groups") && attribute.extension.is_none())
        || has_sub(&["$ref"])
        || (is("members") && has_sub(&["display", "type"]));
    !is_computed && attribute.ty != Type::Binary
}

fn is_of(ty: Type, value: &Value) -> bool {
    match ty {
        Type::String | Type::Reference | Type::Binary => value.as_str().is_some_and(|text| text.len() < LONGEST_VALUE),
        Type::DateTime => value.as_str().is_some_and(|text| instant(text).is_some()),
        Type::Boolean => value.is_boolean(),
        Type::Integer | Type::Decimal => value.is_number(),
        Type::Complex => value.is_object(),
    }
}

const ATTRIBUTE: &str = "filters by ";
const MOST_VALUES: usize = 40;
const LONGEST_VALUE: usize = 200;
