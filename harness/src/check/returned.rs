//! Rules about what is in an answer and what is not (RFC 7643 §7, RFC 7644 §3.9).

use super::Flaw;
use super::subject::{Found, Named, Resource, is_assigned, is_urn};
use crate::discovery::{Attribute, ResourceType, below, named, standard};
use scim_lang::schema::Returned;
use scim_lang::urn;
use serde_json::{Map, Value};

/// A projected answer leaves most of it out, and the documents about the server have rules of their own.
pub(super) fn required(resource: &Resource<'_>) -> Vec<Flaw> {
    let Some(ty) = resource.ty.filter(|_| !resource.is_discovery() && !resource.subject.is_projected()) else {
        return Vec::new();
    };
    let discovery = resource.subject.context.discovery;
    let mut flaws = Vec::new();
    let base = discovery.schema(&ty.schema).map_or(&[][..], |schema| &schema.attributes);
    missing(base, resource.members, &resource.pointer, &mut flaws);
    for (key, block) in resource.blocks() {
        if let (Some(schema), Value::Object(members)) = (discovery.schema(key), block) {
            missing(&schema.attributes, members, &below(&resource.pointer, key), &mut flaws);
        }
    }
    for found in resource.attributes() {
        for (pointer, value) in found.values() {
            let Value::Object(members) = value else { continue };
            missing(&found.attribute.sub_attributes, members, &pointer, &mut flaws);
        }
    }
    flaws
}

fn missing(attributes: &[Attribute], members: &Map<String, Value>, pointer: &str, flaws: &mut Vec<Flaw>) {
    let is_owed = |attribute: &&Attribute| {
        let shows = matches!(attribute.returned, Returned::Always | Returned::Default) && !attribute.is_secret();
        attribute.required && shows
    };
    // RFC 7643 §4.1.1 asks for a userName that is not empty; elsewhere an empty text is a text.
    let is_there = |attribute: &Attribute| {
        let value = super::subject::member(members, &attribute.name);
        value.is_some_and(|value| is_assigned(value) && !(attribute.name == "userName" && value == ""))
    };
    for attribute in attributes.iter().filter(is_owed).filter(|attribute| !is_there(attribute)) {
        flaws.push(Flaw::at(below(pointer, &attribute.name), "is absent or empty, though the schema requires it"));
    }
}

/// A schema that would let a password be read does not make it right (RFC 7643 §4.1.1).
pub(super) fn no_hidden(resource: &Resource<'_>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for found in resource.attributes() {
        if is_hidden(&found, resource.ty) && found.value != "" {
            flaws
                .push(Flaw::at(found.pointer.clone(), &format!("is there, though {} is never returned", found.path())));
        }
    }
    // A server whose schema has no password may still answer one.
    let is_user = resource.ty.is_some_and(|ty| ty.schema.eq_ignore_ascii_case(urn::USER));
    let is_shown = resource.value("password").is_some_and(|value| value != "");
    if is_user && is_shown && flaws.iter().all(|flaw| flaw.pointer.as_deref() != Some(&resource.at("password"))) {
        flaws.push(Flaw::at(resource.at("password"), "is there, though password is never returned"));
    }
    flaws
}

fn is_hidden(found: &Found<'_>, ty: Option<&ResourceType>) -> bool {
    let schema = found.extension.or_else(|| ty.map(|ty| ty.schema.as_str())).and_then(standard);
    let by_rfc = || {
        let attribute = schema.and_then(|schema| schema.attribute(found.name))?;
        Some(found.is_top() && Attribute::from(attribute).is_secret())
    };
    found.attribute.is_secret() || by_rfc().unwrap_or(false)
}

/// What a client sends comes back with the answer to its request (RFC 7643 §7), so only reading is looked at.
pub(super) fn no_unrequested(resource: &Resource<'_>) -> Vec<Flaw> {
    let Some(ty) = resource.ty.filter(|_| !resource.subject.is_write()) else { return Vec::new() };
    let asked = read(&resource.subject.asked.attributes, ty);
    let is_unasked = |found: &Found<'_>| {
        let names = |name: &Named<'_>| name.names(found.extension, found.name);
        found.attribute.returned == Returned::Request && !asked.iter().any(names)
    };
    let unasked = resource.attributes().into_iter().filter(is_unasked);
    unasked.map(|found| Flaw::at(found.pointer, "is there unasked, though it is returned on request")).collect()
}

/// `id` and what else is always returned comes unasked; `schemas` and `meta` may, since the examples of RFC 7644 disagree.
pub(super) fn projected(resource: &Resource<'_>) -> Vec<Flaw> {
    let Some(ty) = resource.ty else { return Vec::new() };
    let (asked, excluded) = wishes(resource, ty);
    let is_wrong = |found: &Found<'_>| {
        let stays = found.attribute.returned == Returned::Always
            || (found.extension.is_none() && matches!(found.name, "id" | "schemas" | "meta"));
        let is_asked = || asked.iter().any(|name| name.names(found.extension, found.name));
        let is_excluded =
            || excluded.iter().any(|name| name.names(found.extension, found.name) && name.sub().is_none());
        found.is_top() && !stays && ((!asked.is_empty() && !is_asked()) || is_excluded())
    };
    // `meta` stays where it was not asked for, but not where it was excluded.
    let meta = excluded.iter().any(|name| name.names(None, "meta") && name.path.is_some() && name.sub().is_none());
    let meta = resource.value("meta").filter(|_| meta).map(|_| resource.at("meta"));
    let wrong = resource.attributes().into_iter().filter(is_wrong).map(|found| found.pointer);
    wrong.chain(meta).map(|pointer| Flaw::at(pointer, "is there, though the request leaves it out")).collect()
}

pub(super) fn projected_subs(resource: &Resource<'_>) -> Vec<Flaw> {
    let Some(ty) = resource.ty else { return Vec::new() };
    let (asked, excluded) = wishes(resource, ty);
    let is_wrong = |found: &Found<'_>| {
        let Some(sub) = found.sub.filter(|_| found.attribute.returned != Returned::Always) else { return false };
        let of_it = |name: &&Named<'_>| name.names(found.extension, found.name);
        let is_it = |name: &Named<'_>| name.sub().is_some_and(|it| it.eq_ignore_ascii_case(sub));
        let narrowed =
            asked.iter().filter(of_it).all(|name| name.sub().is_some()) && asked.iter().any(|name| of_it(&name));
        let left_out = narrowed && !asked.iter().filter(of_it).any(is_it);
        left_out || excluded.iter().filter(of_it).any(is_it)
    };
    let wrong = resource.attributes().into_iter().filter(is_wrong);
    wrong.map(|found| Flaw::at(found.pointer, "is there, though the request leaves it out")).collect()
}

fn wishes<'s>(resource: &Resource<'s>, ty: &'s ResourceType) -> (Vec<Named<'s>>, Vec<Named<'s>>) {
    let asked = &resource.subject.asked;
    (read(&asked.attributes, ty), read(&asked.excluded, ty))
}

fn read<'t>(names: &[String], ty: &'t ResourceType) -> Vec<Named<'t>> {
    names.iter().filter_map(|name| Named::read(name, ty)).collect()
}

/// Only what is required besides must have a value to return. `schemas` may be left out of a projection.
pub(super) fn always(resource: &Resource<'_>) -> Vec<Flaw> {
    let Some(ty) = resource.ty.filter(|_| !resource.is_discovery()) else { return Vec::new() };
    let discovery = resource.subject.context.discovery;
    let base = discovery.schema(&ty.schema).map_or(&[][..], |schema| &schema.attributes);
    let owed = base.iter().filter(|attribute| attribute.required && attribute.returned == Returned::Always);
    let names = owed.map(|attribute| attribute.name.as_str()).chain(["id"]);
    let missing = names.filter(|name| resource.value(name).is_none());
    missing.map(|name| Flaw::at(resource.at(name), "is absent, though it is always returned")).collect()
}

/// A server that describes no schemas declares nothing, and the documents about the server may grow as they like.
pub(super) fn declared(resource: &Resource<'_>) -> Vec<Flaw> {
    let discovery = resource.subject.context.discovery;
    let is_declared = |ty: &&ResourceType| !resource.is_discovery() && discovery.own_schema(&ty.schema).is_some();
    let Some(ty) = resource.ty.filter(is_declared) else { return Vec::new() };
    let mut flaws = Vec::new();
    for (key, value) in resource.members.iter().filter(|(_, value)| is_assigned(value)) {
        let pointer = below(&resource.pointer, key);
        if is_urn(key) {
            let (Some(schema), Value::Object(members)) = (discovery.own_schema(key), value) else { continue };
            let strange =
                members.iter().filter(|(name, value)| is_assigned(value) && named(&schema.attributes, name).is_none());
            flaws.extend(strange.map(|(name, _)| undeclared(below(&pointer, name))));
        } else if discovery.base_attribute(ty, key).is_none() {
            flaws.push(undeclared(pointer));
        }
    }
    for found in resource.attributes() {
        flaws.extend(undeclared_subs(&found));
    }
    flaws
}

fn undeclared_subs(found: &Found<'_>) -> Vec<Flaw> {
    let attribute = found.attribute;
    // The sub-attributes of RFC 7643 §2.4 are there unless a schema says otherwise; one without any says nothing.
    let is_standard = |name: &str| {
        attribute.multi_valued
            && ["value", "display", "type", "primary", "$ref"].iter().any(|it| it.eq_ignore_ascii_case(name))
    };
    if attribute.sub_attributes.is_empty() {
        return Vec::new();
    }
    let mut flaws = Vec::new();
    for (pointer, value) in found.values() {
        let members = value.as_object().into_iter().flatten().filter(|(_, value)| is_assigned(value));
        let strange = members.filter(|(name, _)| attribute.sub(name).is_none() && !is_standard(name));
        flaws.extend(strange.map(|(name, _)| undeclared(below(&pointer, name))));
    }
    flaws
}

fn undeclared(pointer: String) -> Flaw {
    Flaw::at(pointer, "is an attribute that the server's schemas do not define")
}
