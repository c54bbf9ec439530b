//! A snapshot becomes a network.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::super::{Failure, load, output};
use crate::analyze::network::topology::Network;
use crate::analyze::network::topology::build::{Builder, KINDS};
use crate::analyze::{self, Context};
use crate::cli::NetworkSource;
use crate::clock;
use crate::config::Config;
use crate::model::{Index, Resource};
use crate::net::AddrSet;
use crate::net::addr::Range;
use crate::report::network::Inventory;

/// A network with what people call the things in it.
pub(super) struct Loaded {
    pub config: Config,
    pub network: Network,
    pub names: Names,
    pub inventory: Inventory,
    /// Public addresses of things in the inventory: they are not outside.
    pub own: AddrSet,
}

/// What people call things.
#[derive(Default)]
pub(super) struct Names {
    /// Names by id and by ARN.
    of: HashMap<Box<str>, Box<str>>,
    /// Ids by name.
    called: BTreeMap<Box<str>, Vec<Box<str>>>,
}

impl Names {
    /// The name of the thing with an id or ARN.
    pub(super) fn of(&self, id: &str) -> Option<&str> {
        self.of.get(id).map(|name| &**name)
    }

    /// The ids of the things with a name, sorted.
    pub(super) fn called(&self, name: &str) -> &[Box<str>] {
        self.called.get(name).map_or(&[], Vec::as_slice)
    }

    /// All names.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.called.keys().map(|name| &**name)
    }

    fn add(&mut self, resource: &Resource) {
        let meta = &resource.meta;
        let Some(name) = meta.name.as_deref().filter(|name| !name.is_empty()) else { return };
        for id in [Some(meta.id.as_str()), meta.arn.as_deref()].into_iter().flatten() {
            self.of.insert(id.into(), name.into());
        }
        let ids = self.called.entry(name.into()).or_default();
        if let Err(at) = ids.binary_search_by(|id| (**id).cmp(meta.id.as_str())) {
            ids.insert(at, meta.id.as_str().into());
        }
    }
}

fn own_addresses(network: &Network) -> AddrSet {
    let of_interfaces = network
        .interfaces
        .iter()
        .flat_map(|(_, it)| &it.addresses)
        .map(|address| address.public.map_or(address.range, Range::one));
    let of_gateways = network
        .nats
        .iter()
        .filter_map(|(_, nat)| nat.addresses.known())
        .flatten()
        .filter_map(|(_, public)| public.map(Range::one));
    AddrSet::of(of_interfaces.chain(of_gateways))
}

/// The network of the inventory that was named.
pub(super) fn network(source: &NetworkSource) -> Result<Loaded, Failure> {
    let path = source.inventory.as_path();
    let is_project = path.is_dir() || path.extension().is_some_and(|e| e == "yaml" || e == "yml");
    let config = match (is_project, &source.config) {
        (true, _) => load::read_config(path)?,
        (false, Some(config)) => load::read_config(config)?,
        (false, None) => Config::default(),
    };
    let snapshot = if is_project { load::snapshot_path(path)? } else { path.to_owned() };
    of_snapshot(&snapshot, config)
}

/// The network of a snapshot. It is read once; only the types that paths are made of are parsed.
pub(super) fn of_snapshot(path: &Path, config: Config) -> Result<Loaded, Failure> {
    let now = config.at.unwrap_or_else(clock::now);
    let needed = analyze::needed([], &config.environments);
    let relations = analyze::relations_to(&needed);
    let mut builder = Builder::new(&config.environments);
    let (mut names, mut kept) = (Names::default(), Vec::new());
    let wanted = |kind: &str| KINDS.contains(&kind) || needed.contains(kind);
    let (header, coverage) = load::scan(path, wanted, |resource| {
        let kind = resource.kind().name;
        if KINDS.contains(&kind) {
            names.add(&resource);
            builder.add(&resource);
        }
        if needed.contains(kind) {
            kept.push(resource);
        }
    })?;
    let index = Index::build(kept, coverage, &relations);
    let network = builder.finish(&Context::new(&index, &config.environments, now));
    let inventory = Inventory {
        path: path.display().to_string(),
        created: header.created.to_string(),
        interfaces: network.interfaces.len() as u64,
    };
    if network.interfaces.is_empty() {
        output::note(&format!(
            "incomplete: {} holds no network interface, so nothing can be concluded",
            path.display()
        ));
    }
    let own = own_addresses(&network);
    Ok(Loaded { config, network, names, inventory, own })
}
