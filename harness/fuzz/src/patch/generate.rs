//! How trials are made.
//!
//! Operations are made one after the other on the state that the ones before lead to, so that filters match, values
//! are there to be removed, and repetitions and requests without effect are common.

use super::dice::Dice;
use super::law::{Law, after};
use super::oracle::predict;
use super::trial::Trial;
use super::vocabulary::{Attribute, Part, Pool, Resource, Shape, Vocabulary, bare, put};
use super::{Aim, Patches};
use serde_json::{Map, Value, json};

/// Makes one trial.
pub(super) fn trial(patches: &Patches, dice: &mut Dice) -> Trial {
    let mut maker = Maker { vocabulary: &patches.vocabulary, dice };
    match aim(patches, maker.dice) {
        Aim::Users => maker.reference(Resource::User),
        Aim::Groups => {
            let resource = maker.resource(0);
            maker.reference(resource)
        }
        Aim::Okta => maker.okta(),
        Aim::Relations => maker.relation(),
        Aim::Race => Trial {
            law: Law::Race,
            resource: Resource::Group,
            start: bare(Resource::Group),
            operations: (0..super::RACERS).map(add_member).collect(),
        },
    }
}

fn aim(patches: &Patches, dice: &mut Dice) -> Aim {
    let all = [(35, Aim::Users), (15, Aim::Groups), (20, Aim::Okta), (30, Aim::Relations), (1, Aim::Race)];
    let wanted: Vec<(usize, Aim)> = all.into_iter().filter(|(_, aim)| patches.aims.contains(aim)).collect();
    if wanted.is_empty() { dice.weighed(&all[..4]) } else { dice.weighed(&wanted) }
}

fn add_member(number: usize) -> Value {
    json!({ "op": "add", "path": "members", "value": [{ "value": format!("{{{{member-{number}}}}}") }] })
}

struct Maker<'m> {
    vocabulary: &'m Vocabulary,
    dice: &'m mut Dice,
}

impl Maker<'_> {
    fn reference(&mut self, resource: Resource) -> Trial {
        let start = self.start(resource);
        let operations =
            if self.dice.chance(20) { self.failing(resource, &start) } else { self.operations(resource, &start) };
        Trial { law: self.law_of(resource, &operations), resource, start, operations }
    }

    /// Membership that `groups` of the members shows is looked at now and then: it costs reads.
    fn law_of(&mut self, resource: Resource, operations: &[Value]) -> Law {
        let is_about_members = Value::Array(operations.to_vec()).to_string().contains("{{member-");
        if resource == Resource::Group && is_about_members && self.dice.chance(5) {
            Law::Groups
        } else {
            Law::Reference
        }
    }

    /// A user in so many cases of a hundred, otherwise a group; what the server does not have is not chosen.
    fn resource(&mut self, users: usize) -> Resource {
        let is_user = self.dice.chance(users);
        match (self.vocabulary.offers(Resource::User), self.vocabulary.offers(Resource::Group)) {
            (true, true) if is_user => Resource::User,
            (false, true) | (true, true) => Resource::Group,
            (_, false) => Resource::User,
        }
    }

    // The resource before.

    fn start(&mut self, resource: Resource) -> Value {
        let mut start = bare(resource);
        let vocabulary = self.vocabulary;
        for attribute in vocabulary.attributes(resource) {
            let is_needed = start.get(attribute.name).is_some() && attribute.urn.is_none();
            let share = if attribute.is_list() || matches!(attribute.shape, Shape::Complex(_)) { 65 } else { 30 };
            if !is_needed && self.dice.chance(share) {
                let value = self.value(attribute, &Value::Null);
                put(&mut start, attribute, value);
            }
        }
        start
    }

    // Values.

    fn value(&mut self, attribute: &'static Attribute, current: &Value) -> Value {
        match attribute.shape {
            Shape::Simple(pool) => self.simple(pool, current),
            Shape::Complex(_) => self.complex(attribute),
            Shape::List(_) => self.list(attribute, if attribute.name == "members" { 6 } else { 3 }, true).into(),
        }
    }

    fn simple(&mut self, pool: Pool, current: &Value) -> Value {
        match pool {
            _ if !current.is_null() && self.dice.chance(10) => current.clone(),
            Pool::Texts(texts) => self.dice.pick(texts).copied().unwrap_or_default().into(),
            Pool::Flags => self.dice.chance(50).into(),
            Pool::Display => Value::Null,
        }
    }

    fn complex(&mut self, attribute: &'static Attribute) -> Value {
        let parts: Vec<&Part> = self.vocabulary.parts(attribute).collect();
        let mut chosen: Vec<&Part> = self.dice.some(&parts, parts.len()).into_iter().copied().collect();
        if chosen.is_empty() {
            chosen.extend(parts.first());
        }
        let value = chosen.into_iter().map(|part| (part.name.to_owned(), self.simple(part.pool, &Value::Null)));
        Value::Object(value.collect())
    }

    /// Elements that differ in what they are known by, one primary at most.
    fn list(&mut self, attribute: &'static Attribute, most: usize, may_be_primary: bool) -> Vec<Value> {
        let Pool::Texts(keys) = attribute.parts()[0].pool else { return Vec::new() };
        let keys = self.dice.some(keys, most);
        let mut has_primary = !may_be_primary;
        let elements = keys.into_iter().map(|key| {
            let element = self.element(attribute, key, !has_primary);
            has_primary |= element.get("primary") == Some(&Value::Bool(true));
            element
        });
        elements.collect()
    }

    fn element(&mut self, attribute: &'static Attribute, key: &str, may_be_primary: bool) -> Value {
        let mut element = Map::new();
        let key_part = attribute.parts()[0].name;
        element.insert(key_part.to_owned(), key.into());
        for part in self.vocabulary.parts(attribute).filter(|part| part.name != key_part) {
            let value = match part.pool {
                Pool::Display if self.dice.chance(25) => format!("display of {key}").into(),
                Pool::Flags if may_be_primary && self.dice.chance(30) => true.into(),
                Pool::Texts(texts) if self.dice.chance(80) => {
                    (*self.dice.pick(texts).expect("pools are not empty")).into()
                }
                _ => continue,
            };
            element.insert(part.name.to_owned(), value);
        }
        element.into()
    }

    // Operations.

    /// Some operations of which each does something sensible, and one at most leaves the server a choice: what it
    /// chose of several is hard to tell.
    fn operations(&mut self, resource: Resource, start: &Value) -> Vec<Value> {
        let wanted = self.dice.weighed(&[(40, 1), (25, 2), (15, 3), (10, 4), (5, 5), (5, 6)]);
        let mut state = start.clone();
        let mut operations = Vec::new();
        let mut is_open = false;
        for _ in 0..wanted * 5 {
            if operations.len() == wanted {
                break;
            }
            let Some(operation) = self.operation(resource, &state) else { continue };
            let prediction = predict(resource, &state, std::slice::from_ref(&operation), false);
            if prediction.is_open && is_open {
                continue;
            }
            if let Some(next) = after(resource, &state, std::slice::from_ref(&operation)) {
                is_open |= prediction.is_open;
                state = next;
                operations.push(operation);
            }
        }
        if operations.is_empty() {
            operations.push(self.rename(resource));
        }
        operations
    }

    fn operation(&mut self, resource: Resource, state: &Value) -> Option<Value> {
        let op = self.dice.weighed(&[(40, "replace"), (35, "add"), (25, "remove")]);
        let shape = self.dice.weighed(&[
            (25, Target::Simple),
            (15, Target::Part),
            (10, Target::Complex),
            (20, Target::List),
            (15, Target::Filter),
            (10, Target::FilterPart),
            (20, Target::Resource),
        ]);
        match (shape, op) {
            (Target::Resource, "remove") => None,
            (Target::Resource, op) => self.without_path(resource, op, state),
            (shape, op) => self.with_path(resource, shape, op, state),
        }
    }

    fn with_path(&mut self, resource: Resource, target: Target, op: &str, state: &Value) -> Option<Value> {
        let attributes: Vec<&'static Attribute> =
            self.vocabulary.attributes(resource).filter(|attribute| target.fits(attribute)).collect();
        // A filter, or a removal, is about something that is there, mostly.
        let there: Vec<&'static Attribute> = attributes.iter().copied().filter(|it| it.of(state).is_some()).collect();
        let is_about_what_is = op == "remove" || matches!(target, Target::Filter | Target::FilterPart);
        let among = if is_about_what_is && self.dice.chance(90) { &there } else { &attributes };
        let attribute = *self.dice.pick(among)?;
        let current = attribute.of(state).cloned().unwrap_or_default();
        let is_needed = is_needed(attribute);
        let (suffix, value) = match target {
            Target::Simple => (String::new(), self.written(attribute, &current, op)),
            Target::Complex | Target::List => (String::new(), self.written(attribute, &current, op)),
            Target::Part => {
                let part = self.part(attribute, &current, op)?;
                let value = self.simple(part.pool, current.get(part.name).unwrap_or(&Value::Null));
                (format!(".{}", part.name), self.perhaps_null(value, op))
            }
            Target::Filter => {
                let filter = self.filter(attribute, &current)?;
                (format!("[{filter}]"), self.whole_element(attribute, &current)?)
            }
            Target::FilterPart => {
                let filter = self.filter(attribute, &current)?;
                let part = self.part(attribute, &current, op).filter(|part| part.name != attribute.parts()[0].name)?;
                let value = match part.pool {
                    Pool::Display => "another display".into(),
                    pool => self.simple(pool, &Value::Null),
                };
                (format!("[{filter}].{}", part.name), self.perhaps_null(value, op))
            }
            Target::Resource => return None,
        };
        if attribute.name == "members" && (target == Target::FilterPart || (target == Target::Filter && op != "remove"))
        {
            return None;
        }
        let path = self.spelled(attribute, &suffix);
        match op {
            "remove" if is_needed || (attribute.name == "active") => None,
            "remove" => Some(json!({ "op": op, "path": path })),
            _ if (is_needed || attribute.name == "active") && value.is_null() => None,
            _ => Some(json!({ "op": op, "path": path, "value": value })),
        }
    }

    /// What an `add` or a `replace` of a whole attribute carries.
    fn written(&mut self, attribute: &'static Attribute, current: &Value, op: &str) -> Value {
        match &attribute.shape {
            Shape::List(_) if op == "replace" && self.dice.chance(10) => json!([]),
            Shape::List(_) if op == "add" => self.addition(attribute, current),
            Shape::List(_) => {
                let list = self.list(attribute, 3, true);
                // One object alone is a list of one to some servers and a mistake to others.
                match list.as_slice() {
                    [one] if self.dice.chance(10) => one.clone(),
                    _ => self.perhaps_null(list.into(), op),
                }
            }
            _ => {
                let value = self.value(attribute, current);
                self.perhaps_null(value, op)
            }
        }
    }

    /// Elements for an `add`: some that are there already, and one that is not.
    fn addition(&mut self, attribute: &'static Attribute, current: &Value) -> Value {
        let there = current.as_array().cloned().unwrap_or_default();
        let mut elements = self.list(attribute, 2, true);
        let key = attribute.parts()[0].name;
        let is_there = |element: &Value| there.iter().any(|known| known.get(key) == element.get(key));
        // Values that are there in another way are a matter of taste.
        if attribute.name != "members" && !self.dice.chance(10) {
            elements.retain(|element| !is_there(element));
        }
        if let Some(again) = self.dice.pick(&there).cloned()
            && self.dice.chance(30)
        {
            elements.retain(|element| element.get(key) != again.get(key));
            elements.push(again);
        }
        let primaries = elements.iter().filter(|element| element.get("primary") == Some(&Value::Bool(true))).count();
        if elements.is_empty() || primaries > 1 {
            elements.truncate(1);
        }
        match elements.as_slice() {
            [] => self.list_of_one(attribute),
            [one] if self.dice.chance(50) => one.clone(),
            _ => elements.into(),
        }
    }

    fn list_of_one(&mut self, attribute: &'static Attribute) -> Value {
        let Pool::Texts(keys) = attribute.parts()[0].pool else { return json!([]) };
        let key = self.dice.pick(keys).copied().unwrap_or_default();
        json!([self.element(attribute, key, false)])
    }

    fn perhaps_null(&mut self, value: Value, op: &str) -> Value {
        if op == "replace" && self.dice.chance(10) { Value::Null } else { value }
    }

    /// A part of an attribute; for a removal one that is there, mostly.
    fn part(&mut self, attribute: &'static Attribute, current: &Value, op: &str) -> Option<&'static Part> {
        let parts: Vec<&Part> = self.vocabulary.parts(attribute).collect();
        let is_there = |part: &&Part| match current {
            Value::Array(elements) => elements.iter().any(|element| element.get(part.name).is_some()),
            value => value.get(part.name).is_some(),
        };
        let there: Vec<&Part> = parts.iter().copied().filter(is_there).collect();
        let among = if op == "remove" && !there.is_empty() && self.dice.chance(80) { &there } else { &parts };
        self.dice.pick(among).copied()
    }

    /// A filter that mostly matches.
    fn filter(&mut self, attribute: &'static Attribute, current: &Value) -> Option<String> {
        let there = current.as_array().map_or(&[][..], Vec::as_slice);
        let aim = match self.dice.pick(there).cloned() {
            Some(element) if self.dice.chance(75) => element,
            _ => {
                let Pool::Texts(keys) = attribute.parts()[0].pool else { return None };
                let key = *self.dice.pick(keys)?;
                self.element(attribute, key, false)
            }
        };
        let key = attribute.parts()[0].name;
        let compare = |name: &str| aim.get(name).map(|value| format!("{name} eq {value}"));
        let other = if key == "type" { "country" } else { "type" };
        match self.dice.below(10) {
            0..=3 => compare(key),
            4..=6 => compare(other).or_else(|| compare(key)),
            7..=8 => Some([compare(key)?, compare(other)?].join(" and ")),
            _ if aim.get("primary") == Some(&Value::Bool(true)) => Some("primary eq true".to_owned()),
            _ => {
                let value = aim.get(key)?.as_str()?;
                // The values of the base schema have no case, but for ids and what stands between braces.
                let turned = if value.contains("{{") { value.to_owned() } else { value.to_uppercase() };
                Some(format!("{key} eq {}", Value::from(turned)))
            }
        }
    }

    /// An element with every part it may have, so that it does not matter whether it is merged.
    fn whole_element(&mut self, attribute: &'static Attribute, current: &Value) -> Option<Value> {
        let Pool::Texts(keys) = attribute.parts()[0].pool else { return None };
        let there = current.as_array().map_or(&[][..], Vec::as_slice);
        let key_part = attribute.parts()[0].name;
        let free: Vec<&str> = keys
            .iter()
            .copied()
            .filter(|key| there.iter().all(|element| element.get(key_part) != Some(&Value::from(*key))))
            .collect();
        let key = *self.dice.pick(&free).or(keys.first())?;
        let mut element = self.element(attribute, key, false);
        for part in self.vocabulary.parts(attribute).filter(|part| part.name != key_part) {
            let value = match part.pool {
                Pool::Texts(texts) => Value::from(*self.dice.pick(texts)?),
                Pool::Flags => self.dice.chance(30).into(),
                Pool::Display => format!("display of {key}").into(),
            };
            element[part.name] = value;
        }
        Some(element)
    }

    /// Spells a path as it is, with the URN of the base schema, or in another case.
    fn spelled(&mut self, attribute: &Attribute, suffix: &str) -> String {
        let path = match attribute.urn {
            Some(_) => attribute.path(),
            None if self.dice.chance(10) => format!("{}:{}", attribute.resource.ty().schema.id, attribute.name),
            None if self.dice.chance(5) => attribute.name.to_uppercase(),
            None => attribute.name.to_owned(),
        };
        path + suffix
    }

    fn without_path(&mut self, resource: Resource, op: &str, state: &Value) -> Option<Value> {
        let attributes: Vec<&'static Attribute> = self.vocabulary.attributes(resource).collect();
        let mut value = json!({});
        for attribute in self.dice.some(&attributes, 3) {
            let current = attribute.of(state).cloned().unwrap_or_default();
            let mut written = self.written(attribute, &current, op);
            if written.is_null() && (is_needed(attribute) || attribute.name == "active") {
                continue;
            }
            // To a target that is the whole resource, a complex value may be merged or become what is given.
            if let (Shape::Complex(_), "replace", Value::Object(current)) = (&attribute.shape, op, &current)
                && let Some(given) = written.as_object_mut()
                && self.dice.chance(90)
            {
                for (name, kept) in current {
                    given.entry(name).or_insert_with(|| kept.clone());
                }
            }
            match attribute.urn {
                Some(urn) => {
                    // So may the attributes of an extension.
                    if op == "replace" && value.get(urn).is_none() {
                        value[urn] = state.get(urn).cloned().unwrap_or_else(|| json!({}));
                    }
                    value[urn][attribute.name] = written;
                }
                None => value[attribute.name] = written,
            }
        }
        if resource == Resource::Group && op == "replace" && self.dice.chance(20) {
            value["id"] = "{{id}}".into();
        }
        let is_empty = value.as_object().is_none_or(Map::is_empty);
        (!is_empty).then(|| json!({ "op": op, "value": value }))
    }

    fn rename(&mut self, resource: Resource) -> Value {
        match resource {
            Resource::User => json!({ "op": "replace", "value": { "active": self.dice.chance(50) } }),
            Resource::Group => {
                json!({ "op": "replace", "value": { "id": "{{id}}", "displayName": "{{name}} renamed" } })
            }
        }
    }

    // Requests that fail.

    /// Operations of which one surely fails, between others that would do something.
    fn failing(&mut self, resource: Resource, start: &Value) -> Vec<Value> {
        let mut operations = self.operations(resource, start);
        operations.truncate(3);
        let state = after(resource, start, &operations).unwrap_or_else(|| start.clone());
        let at = self.dice.below(operations.len() + 1);
        let failing = self.failure(resource, if at == operations.len() { &state } else { start });
        operations.insert(at, failing);
        operations
    }

    fn failure(&mut self, resource: Resource, state: &Value) -> Value {
        let lists: Vec<&'static Attribute> =
            self.vocabulary.attributes(resource).filter(|it| it.is_list() && it.name != "members").collect();
        let needed = if resource == Resource::User { "userName" } else { "displayName" };
        match self.dice.below(8) {
            0 => json!({ "op": "remove" }),
            1 => json!({ "op": "merge", "path": needed, "value": "{{name}}" }),
            2 => json!({ "op": "remove", "path": needed }),
            3 => json!({ "op": "replace", "path": "nosuchattribute", "value": "x" }),
            4 => json!({ "op": "replace", "path": "id", "value": "not-{{id}}" }),
            5 => json!({ "op": "add", "path": needed }),
            _ => match self.dice.pick(&lists) {
                Some(attribute) if attribute.of(state).is_some_and(|list| !list.to_string().contains(NOBODY)) => {
                    let path = format!("{}[{} eq {NOBODY}]", attribute.name, attribute.parts()[0].name);
                    json!({ "op": "replace", "path": format!("{path}.{}", attribute.parts()[1].name), "value": "work" })
                }
                _ => json!({ "op": "replace", "value": 5 }),
            },
        }
    }

    // What Okta sends.

    fn okta(&mut self) -> Trial {
        let resource = self.resource(30);
        let start = self.start(resource);
        let operations = match resource {
            Resource::User => vec![self.user_push(&start)],
            Resource::Group => self.group_push(),
        };
        Trial { law: Law::Okta, resource, start, operations }
    }

    /// Okta deactivates, reactivates and, for apps of its wizard, updates profiles without a path.
    fn user_push(&mut self, start: &Value) -> Value {
        if self.dice.chance(60) {
            return json!({ "op": "replace", "value": { "active": self.dice.chance(50) } });
        }
        let attributes: Vec<&'static Attribute> = self
            .vocabulary
            .attributes(Resource::User)
            .filter(|attribute| attribute.urn.is_none() && matches!(attribute.shape, Shape::Simple(_)))
            .collect();
        let mut value = json!({});
        for attribute in self.dice.some(&attributes, 4) {
            value[attribute.name] = self.value(attribute, &Value::Null);
        }
        if self.vocabulary.has(Resource::User, "name") {
            let parts = ["givenName", "familyName"]
                .into_iter()
                .filter(|part| self.vocabulary.has(Resource::User, &format!("name.{part}")));
            // Every part that is there is sent, so that it does not matter whether the name is merged.
            let mut name = start.get("name").cloned().unwrap_or_else(|| json!({}));
            for part in parts {
                name[part] = ["Ada", "Grace"][self.dice.below(2)].into();
            }
            if name != json!({}) {
                value["name"] = name;
            }
        }
        if value == json!({}) {
            value["active"] = true.into();
        }
        json!({ "op": "replace", "value": value })
    }

    fn group_push(&mut self) -> Vec<Value> {
        // Members that are not shown cannot be looked at.
        if !self.vocabulary.has(Resource::Group, "members.value") || !self.vocabulary.has(Resource::Group, "members") {
            return vec![self.rename(Resource::Group)];
        }
        match self.dice.weighed(&[
            (60, Push::Batch),
            (15, Push::Rename),
            (15, Push::All),
            (5, Push::None),
            (5, Push::Pathless),
        ]) {
            Push::Batch => self.batch(),
            Push::Rename => vec![self.rename(Resource::Group)],
            Push::All => vec![json!({ "op": "replace", "path": "members", "value": self.members(8) })],
            Push::None => vec![json!({ "op": "replace", "path": "members", "value": [] })],
            Push::Pathless => vec![json!({ "op": "replace", "value": { "members": self.members(8) } })],
        }
    }

    /// Removals one by one, and one addition, up to a hundred changes (Okta: group push).
    fn batch(&mut self) -> Vec<Value> {
        let most = self.dice.weighed(&[(60, 4), (30, 12), (10, 100)]);
        let total = 1 + self.dice.below(most);
        let removed = self.dice.below(total + 1);
        let mut operations: Vec<Value> = (0..removed)
            .map(|_| {
                let member = self.dice.below(super::MEMBERS_OF_A_LANE);
                json!({ "op": "remove", "path": format!("members[value eq \"{{{{member-{member}}}}}\"]") })
            })
            .collect();
        if removed < total {
            let added: Vec<Value> = (removed..total).map(|_| self.member()).collect();
            operations.push(json!({ "op": "add", "path": "members", "value": added }));
        }
        operations
    }

    fn member(&mut self) -> Value {
        let member = self.dice.below(super::MEMBERS_OF_A_LANE);
        json!({ "value": format!("{{{{member-{member}}}}}"), "display": format!("{{{{name}}}}.m{member}@example.test") })
    }

    fn members(&mut self, most: usize) -> Vec<Value> {
        let all: Vec<usize> = (0..super::MEMBERS_OF_A_LANE).collect();
        let chosen: Vec<usize> = self.dice.some(&all, most).into_iter().copied().collect();
        let member = |number: usize| json!({ "value": format!("{{{{member-{number}}}}}"), "display": format!("{{{{name}}}}.m{number}@example.test") });
        chosen.into_iter().map(member).collect()
    }

    // Relations.

    /// Tries until the operations are such that the relation says something about them.
    fn relation(&mut self) -> Trial {
        let law = *self.dice.pick(&Law::RELATIONS).expect("there are relations");
        for _ in 0..200 {
            let resource = self.resource(70);
            let start = self.start(resource);
            let Some(operations) = self.operations_for(law, resource, &start) else { continue };
            let is_open = predict(resource, &start, &operations, false).is_open;
            if (!is_open || law != Law::OneByOne) && law.arms(resource, &start, &operations).is_some() {
                return Trial { law, resource, start, operations };
            }
        }
        self.reference(Resource::User)
    }

    fn operations_for(&mut self, law: Law, resource: Resource, start: &Value) -> Option<Vec<Value>> {
        let of = |op: &str, operation: Value| (operation["op"] == op).then(|| vec![operation]);
        let lists = [Target::List];
        match law {
            Law::ReplaceTwice => of("replace", self.operation(resource, start)?),
            Law::AddTwice => of("add", self.operation(resource, start)?),
            Law::RemoveTwice => of("remove", self.operation(resource, start)?),
            Law::AddAndRemove | Law::Single => Some(vec![self.with_path(resource, lists[0], "add", start)?]),
            Law::RemoveAndAdd => Some(vec![self.with_path(resource, lists[0], "replace", start)?]),
            Law::Merge => Some(vec![self.with_path(resource, Target::Complex, "replace", start)?]),
            Law::Null => {
                let targets = [Target::Simple, Target::Complex, Target::List, Target::Part];
                let target = *self.dice.pick(&targets)?;
                let remove = self.with_path(resource, target, "remove", start)?;
                let value = if target == Target::List && self.dice.chance(50) { json!([]) } else { Value::Null };
                Some(vec![json!({ "op": "replace", "path": remove["path"], "value": value })])
            }
            Law::Pathless => Some(vec![self.operation(resource, start).filter(|it| it.get("path").is_none())?]),
            Law::Spelling => Some(vec![self.operation(resource, start).filter(|it| it.get("path").is_some())?]),
            Law::Commute => {
                let one = self.operation(resource, start)?;
                Some(vec![one, self.operation(resource, start)?])
            }
            Law::Or => {
                let list = self.listed(resource, start)?;
                let [one, other, ..] = list.1.as_slice() else { return None };
                let path = format!("{0}[{1} eq {2} or {1} eq {3}]", list.0.name, list.0.parts()[0].name, one, other);
                Some(vec![json!({ "op": "remove", "path": path })])
            }
            Law::RemovesCommute => {
                let (attribute, keys) = self.listed(resource, start)?;
                let path = |key: &Value| format!("{}[{} eq {key}]", attribute.name, attribute.parts()[0].name);
                Some(keys.iter().map(|key| json!({ "op": "remove", "path": path(key) })).collect())
            }
            _ => Some(self.operations(resource, start)),
        }
    }

    /// A list of the resource, and what its elements are known by.
    fn listed(&mut self, resource: Resource, start: &Value) -> Option<(&'static Attribute, Vec<Value>)> {
        let lists: Vec<&'static Attribute> =
            self.vocabulary.attributes(resource).filter(|it| it.is_list() && it.of(start).is_some()).collect();
        let attribute = *self.dice.pick(&lists)?;
        let elements = attribute.of(start)?.as_array()?;
        let keys = elements.iter().filter_map(|element| element.get(attribute.parts()[0].name).cloned()).collect();
        Some((attribute, keys))
    }
}

/// What an operation with a path is about.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Target {
    Simple,
    Part,
    Complex,
    List,
    Filter,
    FilterPart,
    Resource,
}

impl Target {
    fn fits(self, attribute: &Attribute) -> bool {
        match self {
            Target::Simple => matches!(attribute.shape, Shape::Simple(_)),
            Target::Part | Target::Complex => matches!(attribute.shape, Shape::Complex(_)),
            Target::List | Target::Filter | Target::FilterPart => attribute.is_list(),
            Target::Resource => false,
        }
    }
}

/// What Okta pushes to a group.
#[derive(Debug, Clone, Copy)]
enum Push {
    Batch,
    Rename,
    All,
    None,
    Pathless,
}

fn is_needed(attribute: &Attribute) -> bool {
    attribute.name == "userName" || (attribute.resource == Resource::Group && attribute.name == "displayName")
}

/// A value that no element has.
const NOBODY: &str = "\"nobody@example.test\"";
