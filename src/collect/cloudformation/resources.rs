//! From the resources of stacks into sketches.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::map;
use super::template::Declared;
use super::world::{Stack, World};
use crate::collect::predicted::Thing;
use crate::model::change::{Action, Change, ChangeSet, Draft};
use crate::model::kinds::kind_named;
use crate::model::{Attr, Cause, Tree};

/// What becomes of a resource's existence: made, left out, or nobody can say.
fn exists(world: &World<'_>, at: usize, declared: &Declared) -> Result<bool, Cause> {
    let own = match declared.node.get("Condition").and_then(super::node::Node::as_str) {
        Some(name) => world.condition(at, name),
        None => Ok(true),
    };
    let parent = world.stacks.get(at).and_then(|stack| stack.parent.clone());
    let above = parent.map_or(Ok(true), |(parent, id)| {
        let stack = world.stacks.get(parent);
        stack.and_then(|stack| stack.declared(&id)).map_or(Ok(true), |of| exists(world, parent, of))
    });
    match (own, above) {
        (Ok(false), _) | (_, Ok(false)) => Ok(false),
        (Err(cause), _) | (_, Err(cause)) => Err(cause),
        _ => Ok(true),
    }
}

/// States everything that is there after the change, and says what happens to it.
pub(super) fn after(world: &World<'_>, set: &mut ChangeSet<'static>) {
    for (at, stack) in world.stacks.iter().enumerate() {
        for declared in &stack.template.resources {
            let truth = exists(world, at, declared);
            if truth == Ok(false) {
                continue;
            }
            let address: Arc<str> = Arc::from(stack.address(&declared.id));
            if count(world, at, declared, set) {
                let thing = thing(world, at, stack, declared, address.clone());
                left(&thing, set);
                if let Some(entry) = map::of(&declared.kind) {
                    entry.state(&thing, &mut set.after);
                }
            }
            set.changes.push(Change {
                address,
                previous_address: None,
                kind: declared.kind.clone(),
                action: action(stack, &declared.id),
                imported: false,
                uncertain: truth.err(),
            });
        }
    }
    set.reading.relations.resolved = world.followed.get();
}

fn action(stack: &Stack, id: &str) -> Action {
    if let Some(action) = stack.known.actions.get(id) {
        return *action;
    }
    match (stack.known.before.contains_key(id), stack.known.has_changes) {
        // A change set names all that changes.
        (_, true) => Action::NoOp,
        (true, false) => Action::Update,
        (false, false) => Action::Create,
    }
}

/// Counts a resource by its type; whether it has a place in the inventory.
fn count(world: &World<'_>, at: usize, declared: &Declared, set: &mut ChangeSet<'static>) -> bool {
    let kind = declared.kind.clone();
    let is_foreign = !kind.starts_with("AWS::")
        || matches!(&*kind, "AWS::CloudFormation::CustomResource")
        || kind.ends_with("::MODULE");
    let reading = &mut set.reading;
    if is_foreign {
        *reading.foreign.entry(kind).or_default() += 1;
        if declared.kind.ends_with("::MODULE") {
            let address = world.stacks.get(at).map(|stack| stack.address(&declared.id));
            let address = address.unwrap_or_default();
            set.incomplete.push(format!("{address} is a module, whose resources were not given"));
        }
        return false;
    }
    let is_mapped = map::of(&kind).is_some();
    let counts = if is_mapped { &mut reading.mapped } else { &mut reading.unmapped };
    *counts.entry(kind).or_default() += 1;
    is_mapped
}

fn thing(
    world: &World<'_>,
    at: usize,
    stack: &Stack,
    declared: &Declared,
    address: Arc<str>,
) -> Thing<'static> {
    let properties = declared.node.get("Properties").and_then(|node| world.value(at, node));
    let values = match properties {
        Some(made @ (Tree::Map(_) | Tree::Unknown(_))) => made,
        _ => Tree::Map(Vec::new()),
    };
    let named = world.named(at, &declared.id).unwrap_or_default();
    Thing {
        address,
        kind: Cow::Owned(declared.kind.clone()),
        values,
        id: Cow::Owned(named.id.clone()),
        arn: named.arn.clone().map(Cow::Owned),
        place: stack.place.clone(),
        partition: stack.partition,
        fresh: named.fresh,
    }
}

/// Properties whose names end so name other things.
const RELATIONS: [&str; 24] = [
    "Id",
    "Ids",
    "Arn",
    "Arns",
    "ARN",
    "ARNs",
    "Role",
    "Roles",
    "Users",
    "Groups",
    "SecurityGroups",
    "Subnets",
    "Bucket",
    "Topics",
    "Queues",
    "Topic",
    "SourceSecurityGroupName",
    "ManagedPolicyArns",
    "PermissionsBoundary",
    "IamInstanceProfile",
    "InstanceProfileName",
    "FunctionName",
    "Cluster",
    "DBSubnetGroupName",
];

/// Notes the relations that are left unknown.
fn left(thing: &Thing<'static>, set: &mut ChangeSet<'static>) {
    fn walk(tree: &Tree<'_>, path: &str, relation: bool, out: &mut Vec<(String, Cause)>) {
        match tree {
            Tree::Unknown(cause) if relation => out.push((path.to_owned(), cause.clone())),
            Tree::List(items) => items.iter().for_each(|item| walk(item, path, relation, out)),
            Tree::Map(entries) => {
                for (key, value) in entries {
                    let relation = RELATIONS.iter().any(|end| key.ends_with(end));
                    walk(value, &format!("{path}.{key}"), relation, out);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(&thing.values, &thing.address, false, &mut found);
    set.reading.relations.left.extend(found.into_iter().map(|(path, why)| (path, why.to_string())));
}

/// States what the templates of before say.
pub(super) fn before(world: &World<'_>, set: &mut ChangeSet<'static>) {
    for (at, stack) in world.stacks.iter().enumerate() {
        for declared in &stack.template.resources {
            if exists(world, at, declared) == Ok(false) {
                continue;
            }
            if let Some(entry) = map::of(&declared.kind) {
                let address = Arc::from(stack.address(&declared.id));
                entry.state(&thing(world, at, stack, declared, address), &mut set.before);
            }
        }
    }
}

/// States that what is said to exist does, where no template of before says more of it.
pub(super) fn existing(world: &World<'_>, set: &mut ChangeSet<'static>) {
    for stack in &world.stacks {
        for (id, have) in &stack.known.before {
            let address: Arc<str> = Arc::from(stack.address(id));
            let Some(entry) = map::of(&have.kind) else { continue };
            match bare(stack, entry, &have.physical, &address) {
                Some(draft) => set.before.state(draft),
                None if stack
                    .known
                    .actions
                    .get(id)
                    .is_some_and(|action| *action != Action::NoOp) =>
                {
                    let why =
                        "changes something that was there, which only the template of before tells";
                    set.incomplete.push(format!("{address} {why}"));
                }
                None => {}
            }
        }
    }
}

/// A resource of which nothing but its id is known.
fn bare(
    stack: &Stack,
    entry: &'static map::Entry,
    physical: &str,
    address: &Arc<str>,
) -> Option<Draft<'static>> {
    let kind = kind_named(entry.model)?;
    let (id, arn) = super::world::by_physical(entry, stack, physical);
    Some(Draft {
        place: stack.place.of(kind),
        id,
        arn,
        name: None,
        tags: Attr::default(),
        fields: Tree::Map(Vec::new()),
        address: address.clone(),
        implied: false,
        kind,
    })
}

/// Says what goes: what was there, by a template of before or by what was told of the stack, and is not any more.
pub(super) fn removed(after: &World<'_>, before: Option<&World<'_>>, set: &mut ChangeSet<'static>) {
    let there: BTreeSet<Arc<str>> =
        set.changes.iter().map(|change| change.address.clone()).collect();
    let mut gone: BTreeMap<Arc<str>, (String, Action)> = BTreeMap::new();
    for stack in &after.stacks {
        for (id, have) in &stack.known.before {
            let told = stack.known.actions.get(id).copied();
            let action = if told == Some(Action::Forget) { Action::Forget } else { Action::Delete };
            gone.insert(Arc::from(stack.address(id)), (have.kind.clone(), action));
        }
    }
    for (at, stack) in before.iter().flat_map(|world| world.stacks.iter().enumerate()) {
        for declared in &stack.template.resources {
            let Some(world) = before.filter(|world| exists(world, at, declared) != Ok(false))
            else {
                continue;
            };
            let address: Arc<str> = Arc::from(stack.address(&declared.id));
            let policy = declared.node.get("DeletionPolicy").and_then(super::node::Node::as_str);
            let stays = matches!(policy, Some("Retain" | "RetainExceptOnCreate"));
            let action = if stays { Action::Forget } else { Action::Delete };
            if stays && !there.contains(&address) {
                // It stays, and is no longer managed here.
                if let Some(entry) = map::of(&declared.kind) {
                    let thing = thing(world, at, stack, declared, address.clone());
                    entry.state(&thing, &mut set.after);
                }
            }
            gone.insert(address, (declared.kind.clone(), action));
        }
    }
    for (address, (kind, action)) in gone {
        if !there.contains(&address) {
            set.changes.push(Change {
                address,
                previous_address: None,
                kind,
                action,
                imported: false,
                uncertain: None,
            });
        }
    }
}

/// What was there before, by a template of before, is not made but changed, or stays as it is.
pub(super) fn stays(before: &World<'_>, after: &World<'_>, set: &mut ChangeSet<'static>) {
    let mut was: BTreeMap<String, Tree<'static>> = BTreeMap::new();
    for (world, first) in [(before, true), (after, false)] {
        for (at, stack) in world.stacks.iter().enumerate() {
            for declared in &stack.template.resources {
                if exists(world, at, declared) == Ok(false) {
                    continue;
                }
                let address = stack.address(&declared.id);
                let values = declared.node.get("Properties").and_then(|node| world.value(at, node));
                let values = values.unwrap_or_default();
                if first {
                    was.insert(address, values);
                    continue;
                }
                let Some(old) = was.get(&address) else { continue };
                let same = *old == values && !values.has_unknown();
                let change = set.changes.iter_mut().find(|change| *change.address == *address);
                if let Some(change) = change.filter(|change| change.action == Action::Create) {
                    change.action = if same { Action::NoOp } else { Action::Update };
                }
            }
        }
    }
}
