//! Rules about how a server describes the schemas of RFC 7643. What it leaves out has its default; what it adds is its own.

use super::Flaw;
use super::definition::{Row, rows};
use super::subject::Resource;
use crate::discovery::standard;
use scim_lang::schema::{Attribute, Type};
use scim_lang::urn;

/// What the text of RFC 7643 demands, rather than its sample schemas alone: §3.1 of the id, §4.1.1 of userName and
/// password, §4.1.2 of groups.
pub(super) fn fixed(resource: &Resource<'_>) -> Vec<Flaw> {
    let is = |urn: &str| resource.id().is_some_and(|id| id.eq_ignore_ascii_case(urn));
    let of_user: &[Demand] = if is(urn::USER) { &OF_USER } else { &[] };
    let of_all: &[Demand] = if is(urn::USER) || is(urn::GROUP) { &OF_ALL } else { &[] };
    let mut flaws = Vec::new();
    for row in rows(resource).iter().filter(|row| row.parent.is_none()) {
        for (name, key, accepted) in of_user.iter().chain(of_all) {
            let is_it = row.name().is_some_and(|it| it.eq_ignore_ascii_case(name));
            let said = row.members.get(*key).filter(|value| is_it && !value.is_null());
            if said.is_some_and(|said| !accepted.contains(&super::text(said).as_str())) {
                let claim = format!("is not what RFC 7643 demands of {name}");
                flaws.push(Flaw::at(row.at(key), &claim).expecting(accepted.join(" or ")));
            }
        }
    }
    flaws
}

pub(super) fn types(resource: &Resource<'_>) -> Vec<Flaw> {
    compare(resource, |attribute, key| match key {
        "type" => Some(attribute.ty.name().to_owned()),
        "multiValued" => Some(attribute.multi_valued.to_string()),
        _ => None,
    })
}

/// Errata that are held or only reported leave both readings open: the case of references (6001) and of binary values
/// (6000), and everything about `members.display` (6011), which the printed schema lacks.
pub(super) fn same(resource: &Resource<'_>) -> Vec<Flaw> {
    compare(resource, |attribute, key| match key {
        "required" => Some(attribute.required.to_string()),
        "caseExact" if attribute.ty == Type::String => Some(attribute.case_exact.to_string()),
        "mutability" => Some(attribute.mutability.name().to_owned()),
        "returned" => Some(attribute.returned.name().to_owned()),
        "uniqueness" if attribute.ty.has_uniqueness() => Some(attribute.uniqueness.name().to_owned()),
        _ => None,
    })
}

fn compare(resource: &Resource<'_>, wanted: fn(&Attribute, &str) -> Option<String>) -> Vec<Flaw> {
    const CORE: [&str; 3] = [urn::USER, urn::GROUP, urn::ENTERPRISE_USER];
    let is_core = |id: &&str| CORE.iter().any(|urn| urn.eq_ignore_ascii_case(id));
    let Some(schema) = resource.id().filter(is_core).and_then(standard) else { return Vec::new() };
    let mut flaws = Vec::new();
    for row in rows(resource) {
        let Some(attribute) = known(&row, schema.attributes) else { continue };
        for (key, said) in row.members {
            let Some(wanted) = wanted(attribute, key).filter(|_| !said.is_null()) else { continue };
            if super::text(said) != wanted || said.is_string() != is_word(key) {
                let name = row.parent.map_or_else(String::new, |parent| format!("{}.", super::shown(parent)));
                let claim = format!("of {name}{} is not as in RFC 7643 §8.7.1", attribute.name);
                flaws.push(Flaw::at(row.at(key), &claim).expecting(wanted));
            }
        }
    }
    flaws
}

fn is_word(key: &str) -> bool {
    matches!(key, "type" | "mutability" | "returned" | "uniqueness")
}

/// Finds what the RFC says about a row, if both readings of an erratum would not pass anyway.
fn known<'a>(row: &Row<'_>, attributes: &'a [Attribute]) -> Option<&'a Attribute> {
    let find = |attributes: &'a [Attribute], name: &str| {
        attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    };
    let attribute = match row.parent {
        None => find(attributes, row.name()?)?,
        Some(parent) => find(find(attributes, parent)?.sub_attributes, row.name()?)?,
    };
    let is_open = row.parent == Some("members") && attribute.name == "display";
    (!is_open).then_some(attribute)
}

/// An attribute, a characteristic, and the values it may have.
type Demand = (&'static str, &'static str, &'static [&'static str]);

const OF_USER: [Demand; 5] = [
    ("userName", "required", &["true"]),
    ("userName", "uniqueness", &["server", "global"]),
    ("password", "returned", &["never"]),
    ("password", "mutability", &["writeOnly"]),
    ("groups", "mutability", &["readOnly"]),
];

const OF_ALL: [Demand; 2] = [("id", "mutability", &["readOnly"]), ("id", "returned", &["always"])];
