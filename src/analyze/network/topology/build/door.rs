//! Front doors: ways in that no public address of an interface shows.

use super::said::{Fill, Said, fill, least};
use super::work::Work;
use crate::analyze::network::topology::{Door, DoorKind, Node};
use crate::model::Attr;
use crate::model::vpc_edge::VpcEndpointService;
use crate::net::AddrSet;

impl Fill for VpcEndpointService {
    fn fill(&mut self, other: Self) {
        fill(&mut self.connections, other.connections);
    }
}

const BALANCERS: &str = "aws.elbv2.load_balancer";

impl Work<'_, '_> {
    /// Services that others reach by PrivateLink.
    pub(super) fn private_link(&mut self, raw: Vec<Said<VpcEndpointService>>) {
        for said in raw {
            let Said { id, arn, place, thing, .. } = said;
            let place = self.spot(place);
            let mut doubt = None;
            let mut balancers = Vec::new();
            for list in [&thing.network_load_balancer_arns, &thing.gateway_load_balancer_arns] {
                match list.get() {
                    Err(cause) => least(&mut doubt, cause.clone()),
                    Ok(arns) => {
                        for arn in arns {
                            match self.find(arn) {
                                Some(Node::Balancer(balancer)) => balancers.push(balancer),
                                _ => least(&mut doubt, self.absent(arn, place, BALANCERS)),
                            }
                        }
                    }
                }
            }
            balancers.sort_unstable();
            let (mut consumers, mut foreign) = (Vec::new(), Vec::new());
            let mut clients_doubt = thing.connections.get().err().cloned();
            for connection in thing.connections.known().into_iter().flatten() {
                match connection.vpc_endpoint_state.get().map(String::as_str) {
                    Ok("available" | "Available") => {}
                    Ok(_) => continue,
                    Err(cause) => least(&mut clients_doubt, cause.clone()),
                }
                let endpoint = connection.vpc_endpoint_id.known().and_then(|id| self.find(id));
                match (endpoint, connection.vpc_endpoint_owner.get()) {
                    (Some(Node::Endpoint(endpoint)), _) => consumers.push(endpoint),
                    (_, Ok(owner)) => foreign.push(owner.as_str().into()),
                    (_, Err(cause)) => least(&mut clients_doubt, cause.clone()),
                }
            }
            consumers.sort_unstable();
            foreign.sort_unstable();
            foreign.dedup();
            let vpc = balancers.first().map(|at| self.net.balancers[*at].vpc);
            let door = self.net.doors.push(Door {
                name: id.clone(),
                place,
                kind: DoorKind::PrivateLink,
                clients: AddrSet::default(),
                clients_doubt,
                ports: Vec::new(),
                vpc,
                balancers,
                interfaces: Vec::new(),
                senders: Vec::new(),
                groups: Attr::Known(None),
                keeps_client: Attr::Known(false),
                consumers,
                foreign_consumers: foreign,
                host: None,
                doubt,
            });
            self.name(id, arn, Node::Door(door));
        }
    }
}
