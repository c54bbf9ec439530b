//! What the server does not know, answered as AWS documents it: VPN, firewalls, front doors of private networks.

use serde_json::json;

use super::*;

const PREFIXES: [&str; 9] = [
    "aws.ec2.vpn_connection",
    "aws.ec2.client_vpn",
    "aws.ec2.instance_connect",
    "aws.network_firewall.",
    "aws.globalaccelerator.",
    "aws.cloudfront.",
    "aws.apigatewayv2.",
    "aws.vpc_lattice.",
    "aws.sts.",
];

const ACCELERATOR: &str = "arn:aws:globalaccelerator::123456789012:accelerator/a";
const RULES: &str = "arn:aws:network-firewall:us-east-1:123456789012:stateful-rulegroup/r";

/// The answer to an operation of a query or JSON protocol, or to a path.
fn answer(operation: &str) -> Option<&'static str> {
    let path = operation.split('?').next().unwrap_or(operation);
    ec2(operation)
        .or_else(|| firewall(operation))
        .or_else(|| accelerator(operation))
        .or_else(|| rest(path))
}

fn ec2(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "DescribeVpnConnections" => {
            "<DescribeVpnConnectionsResponse><vpnConnectionSet><item>\
            <vpnConnectionId>vpn-1</vpnConnectionId><state>available</state>\
            <customerGatewayConfiguration>correct-horse-battery-staple</customerGatewayConfiguration>\
            <transitGatewayId>tgw-1</transitGatewayId><customerGatewayId>cgw-1</customerGatewayId>\
            <options><staticRoutesOnly>true</staticRoutesOnly><localIpv4NetworkCidr>0.0.0.0/0</localIpv4NetworkCidr></options>\
            <routes><item><destinationCidrBlock>192.168.0.0/16</destinationCidrBlock><state>available</state></item></routes>\
            <vgwTelemetry><item><outsideIpAddress>203.0.113.9</outsideIpAddress><status>UP</status></item></vgwTelemetry>\
            </item></vpnConnectionSet></DescribeVpnConnectionsResponse>"
        }
        "DescribeClientVpnEndpoints" => {
            "<DescribeClientVpnEndpointsResponse><clientVpnEndpoint><item>\
            <clientVpnEndpointId>cvpn-endpoint-1</clientVpnEndpointId><status><code>available</code></status>\
            <creationTime>2025-01-01T10:00:00</creationTime><clientCidrBlock>10.9.0.0/22</clientCidrBlock>\
            <splitTunnel>true</splitTunnel><vpcId>vpc-1</vpcId><securityGroupIdSet><item>sg-1</item></securityGroupIdSet>\
            <authenticationOptions><item><type>certificate-authentication</type></item></authenticationOptions>\
            </item></clientVpnEndpoint></DescribeClientVpnEndpointsResponse>"
        }
        "DescribeClientVpnTargetNetworks" => {
            "<DescribeClientVpnTargetNetworksResponse><clientVpnTargetNetworks>\
            <item><associationId>a</associationId><targetNetworkId>subnet-1</targetNetworkId><status><code>associated</code></status></item>\
            <item><associationId>b</associationId><targetNetworkId>subnet-2</targetNetworkId><status><code>disassociating</code></status></item>\
            </clientVpnTargetNetworks></DescribeClientVpnTargetNetworksResponse>"
        }
        "DescribeClientVpnAuthorizationRules" => {
            "<DescribeClientVpnAuthorizationRulesResponse><authorizationRule><item>\
            <accessAll>true</accessAll><destinationCidr>10.0.0.0/16</destinationCidr><status><code>active</code></status>\
            </item></authorizationRule></DescribeClientVpnAuthorizationRulesResponse>"
        }
        "DescribeInstanceConnectEndpoints" => {
            "<DescribeInstanceConnectEndpointsResponse><instanceConnectEndpointSet><item>\
            <instanceConnectEndpointId>eice-1</instanceConnectEndpointId><ownerId>123456789012</ownerId>\
            <state>create-complete</state><vpcId>vpc-1</vpcId><subnetId>subnet-1</subnetId>\
            <networkInterfaceIdSet><item>eni-1</item></networkInterfaceIdSet>\
            <securityGroupIdSet><item>sg-1</item></securityGroupIdSet><preserveClientIp>true</preserveClientIp>\
            </item></instanceConnectEndpointSet></DescribeInstanceConnectEndpointsResponse>"
        }
        _ => return None,
    })
}

fn firewall(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "ListFirewalls" => {
            r#"{"Firewalls": [{"FirewallName": "edge", "FirewallArn": "arn:aws:network-firewall:us-east-1:123456789012:firewall/edge"}]}"#
        }
        "DescribeFirewall" => {
            r#"{
            "Firewall": {"FirewallName": "edge", "FirewallArn": "f", "FirewallPolicyArn": "p", "VpcId": "vpc-1", "FirewallId": "1",
                "SubnetMappings": [{"SubnetId": "subnet-1"}, {"SubnetId": "subnet-2"}], "DeleteProtection": true,
                "Tags": [{"Key": "Team", "Value": "net"}]},
            "FirewallStatus": {"Status": "READY", "ConfigurationSyncStateSummary": "IN_SYNC", "SyncStates": {"us-east-1a": {
                "Attachment": {"SubnetId": "subnet-1", "EndpointId": "vpce-1", "Status": "READY"}}}}}"#
        }
        "ListFirewallPolicies" => {
            r#"{"FirewallPolicies": [{"Name": "p", "Arn": "arn:aws:network-firewall:us-east-1:123456789012:firewall-policy/p"}]}"#
        }
        "DescribeFirewallPolicy" => {
            r#"{"UpdateToken": "t",
            "FirewallPolicyResponse": {"FirewallPolicyName": "p", "FirewallPolicyArn": "p", "FirewallPolicyId": "1"},
            "FirewallPolicy": {"StatelessDefaultActions": ["aws:forward_to_sfe"], "StatelessFragmentDefaultActions": ["aws:drop"],
                "StatelessRuleGroupReferences": [{"ResourceArn": "b", "Priority": 2}, {"ResourceArn": "a", "Priority": 1}],
                "StatefulEngineOptions": {"RuleOrder": "STRICT_ORDER"}, "StatefulDefaultActions": ["aws:drop_strict"]}}"#
        }
        "ListRuleGroups" => {
            r#"{"RuleGroups": [{"Name": "r", "Arn": "arn:aws:network-firewall:us-east-1:123456789012:stateful-rulegroup/r"}]}"#
        }
        "DescribeRuleGroup" => {
            r#"{"UpdateToken": "t",
            "RuleGroupResponse": {"RuleGroupName": "r", "RuleGroupArn": "r", "RuleGroupId": "1", "Type": "STATEFUL"},
            "RuleGroup": {"RuleVariables": {"IPSets": {"HOME_NET": {"Definition": ["10.0.0.0/8"]}}},
                "RulesSource": {"StatefulRules": [{"Action": "PASS",
                    "Header": {"Protocol": "TLS", "Source": "$HOME_NET", "SourcePort": "ANY", "Direction": "FORWARD",
                        "Destination": "ANY", "DestinationPort": "443"},
                    "RuleOptions": [{"Keyword": "sid", "Settings": ["1"]}]}]}}}"#
        }
        _ => return None,
    })
}

fn accelerator(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "ListAccelerators" => {
            r#"{"Accelerators": [{"AcceleratorArn": "arn:aws:globalaccelerator::123456789012:accelerator/a",
            "Name": "front", "Enabled": true, "Status": "DEPLOYED", "IpSets": [{"IpAddresses": ["192.0.2.1"]}]}]}"#
        }
        "ListCustomRoutingAccelerators" => {
            r#"{"Accelerators": [{"AcceleratorArn": "arn:aws:globalaccelerator::123456789012:accelerator/c",
            "Name": "games", "Enabled": true, "Status": "DEPLOYED", "IpSets": [{"IpAddresses": ["192.0.2.2"]}]}]}"#
        }
        "ListTagsForResource" => r#"{"Tags": [{"Key": "Team", "Value": "net"}]}"#,
        "ListListeners" => {
            r#"{"Listeners": [{"ListenerArn": "l", "Protocol": "TCP", "PortRanges": [{"FromPort": 80, "ToPort": 81}]}]}"#
        }
        "ListEndpointGroups" => {
            r#"{"EndpointGroups": [{"EndpointGroupArn": "g", "EndpointGroupRegion": "eu-west-1",
            "EndpointDescriptions": [{"EndpointId": "i-1", "Weight": 128, "ClientIPPreservationEnabled": true}],
            "PortOverrides": [{"ListenerPort": 80, "EndpointPort": 8080}]}]}"#
        }
        _ => return None,
    })
}

fn rest(path: &str) -> Option<&'static str> {
    Some(match path {
        "/v2/vpclinks" => {
            r#"{"items": [{"vpcLinkId": "abc", "name": "inside", "subnetIds": ["subnet-1"],
            "securityGroupIds": ["sg-1"], "vpcLinkStatus": "AVAILABLE", "vpcLinkVersion": "V2", "tags": {"Team": "net"}}]}"#
        }
        "/2020-05-31/vpc-origin" => {
            "<VpcOriginList><IsTruncated>false</IsTruncated><Items><VpcOriginSummary><Id>vo_1</Id>\
            </VpcOriginSummary></Items></VpcOriginList>"
        }
        "/2020-05-31/vpc-origin/vo_1" => {
            "<VpcOrigin><Id>vo_1</Id><Arn>arn:aws:cloudfront::123456789012:vpcorigin/vo_1</Arn>\
            <Status>Deployed</Status><CreatedTime>2025-01-01T00:00:00Z</CreatedTime><VpcOriginEndpointConfig><Name>x</Name>\
            <Arn>arn:aws:ec2:us-east-1:123456789012:instance/i-1</Arn><HTTPPort>80</HTTPPort><HTTPSPort>443</HTTPSPort>\
            <OriginProtocolPolicy>https-only</OriginProtocolPolicy></VpcOriginEndpointConfig></VpcOrigin>"
        }
        "/2020-05-31/tagging" => {
            "<Tags><Items><Tag><Key>Team</Key><Value>net</Value></Tag></Items></Tags>"
        }
        "/services" => {
            r#"{"items": [{"id": "svc-1", "arn": "arn:aws:vpc-lattice:us-east-1:123456789012:service/svc-1"}]}"#
        }
        "/services/svc-1" => {
            r#"{"id": "svc-1", "arn": "arn:aws:vpc-lattice:us-east-1:123456789012:service/svc-1", "name": "pay",
            "status": "ACTIVE", "authType": "NONE", "dnsEntry": {"domainName": "d"}}"#
        }
        "/services/svc-1/listeners" => {
            r#"{"items": [{"id": "listener-1", "protocol": "HTTPS", "port": 443}]}"#
        }
        "/targetgroups" => {
            r#"{"items": [
            {"id": "tg-1", "type": "INSTANCE", "protocol": "HTTP", "port": 80, "vpcIdentifier": "vpc-1",
             "serviceArns": ["arn:aws:vpc-lattice:us-east-1:123456789012:service/svc-1"]}, {"id": "tg-2", "type": "LAMBDA"}]}"#
        }
        "/targetgroups/tg-1/listtargets" => {
            r#"{"items": [{"id": "i-1", "port": 80, "status": "HEALTHY"}]}"#
        }
        "/servicenetworkserviceassociations" => {
            r#"{"items": [{"id": "snsa-1", "serviceNetworkId": "sn-1", "status": "ACTIVE"}]}"#
        }
        "/servicenetworkvpcassociations" => {
            r#"{"items": [{"id": "snva-1", "vpcId": "vpc-2", "status": "ACTIVE"}]}"#
        }
        "/servicenetworkvpcassociations/snva-1" => {
            r#"{"id": "snva-1", "securityGroupIds": ["sg-1"]}"#
        }
        _ => return None,
    })
}

#[test]
fn ways_in_and_front_doors_arrive_as_documented() {
    let moto = Moto::start();
    let proxy = Proxy::start(&moto, |operation, _| match operation {
        "DescribeClientVpnRoutes" => Some(Fault::Denied),
        other => answer(other).map(Fault::Answer),
    });
    let found = collect(&options(proxy.endpoint()), &plan(&PREFIXES));
    let incomplete: Vec<_> =
        found.summary.coverage.iter().filter(|c| c.status != Completeness::Complete).collect();
    assert!(incomplete.is_empty(), "{incomplete:#?}");

    let vpn = found.json("aws.ec2.vpn_connection", "vpn-1");
    assert!(!vpn.to_string().contains("correct-horse"), "keys are never kept");
    assert_eq!(vpn["routes"][0]["destination_cidr_block"], "192.168.0.0/16");
    assert_eq!(vpn["transit_gateway_id"], "tgw-1");
    let client = found.json("aws.ec2.client_vpn_endpoint", "cvpn-endpoint-1");
    assert_eq!(client["subnet_ids"], json!(["subnet-1"]), "those in effect");
    assert_eq!(client["authorization_rules"][0]["access_all"], true);
    assert_eq!(client["routes"]["$unknown"]["kind"], "denied", "{client:#}");
    let connect = found.json("aws.ec2.instance_connect_endpoint", "eice-1");
    assert_eq!(connect["preserve_client_ip"], true);

    let arn = "arn:aws:network-firewall:us-east-1:123456789012:firewall/edge";
    let firewall = found.json("aws.network_firewall.firewall", arn);
    assert_eq!(firewall["endpoint_ids"], json!(["vpce-1"]));
    assert_eq!(firewall["endpoints"][1]["endpoint_id"], json!(null));
    assert_eq!(
        found.one("aws.network_firewall.firewall", arn).meta.tags.known().unwrap()["Team"],
        "net"
    );
    let policy = &found.of("aws.network_firewall.policy")[0];
    let policy = found.json("aws.network_firewall.policy", &policy.meta.id);
    assert_eq!(policy["stateless_rule_groups"][0]["rule_group_arn"], "a", "in order");
    let rules = found.json("aws.network_firewall.rule_group", RULES);
    assert_eq!(rules["opaque_reasons"], json!(["the protocol TLS"]));
    assert_eq!(rules["ip_sets"]["HOME_NET"], json!(["10.0.0.0/8"]));
}

#[test]
fn front_doors_arrive_with_what_is_behind_them() {
    let moto = Moto::start();
    let proxy = Proxy::start(&moto, |operation, _| answer(operation).map(Fault::Answer));
    let found = collect(&options(proxy.endpoint()), &plan(&PREFIXES[4..]));
    let front = found.one("aws.globalaccelerator.accelerator", ACCELERATOR);
    assert_eq!(front.meta.region.as_str(), "global");
    assert_eq!(front.meta.tags.known().unwrap()["Team"], "net");
    let front = found.json("aws.globalaccelerator.accelerator", ACCELERATOR);
    assert_eq!(front["listeners"][0]["port_ranges"], json!([{"from": 80, "to": 81}]));
    let group = &front["listeners"][0]["endpoint_groups"][0];
    assert_eq!(group["endpoints"][0]["client_ip_preservation_enabled"], true);
    assert_eq!(group["port_overrides"][0]["endpoint_port"], 8080);
    assert_eq!(front["endpoint_ids"], json!(["i-1"]));
    let games = found.json("aws.globalaccelerator.accelerator", &ACCELERATOR.replace("/a", "/c"));
    assert_eq!(games["ip_addresses"], json!(["192.0.2.2"]));
    assert_eq!(games["listeners"]["$unknown"]["kind"], "not_understood");

    let origin = found.json("aws.cloudfront.vpc_origin", "vo_1");
    assert_eq!(origin["https_port"], 443);
    assert_eq!(origin["endpoint_arn"], "arn:aws:ec2:us-east-1:123456789012:instance/i-1");
    assert_eq!(
        found.one("aws.cloudfront.vpc_origin", "vo_1").meta.tags.known().unwrap()["Team"],
        "net"
    );
    assert_eq!(found.json("aws.apigatewayv2.vpc_link", "abc")["status"], "AVAILABLE");

    let service = found.json("aws.vpc_lattice.service", "svc-1");
    assert_eq!(service["auth_type"], "NONE");
    assert_eq!(service["listeners"][0]["port"], 443);
    assert_eq!(service["target_groups"].as_array().unwrap().len(), 1, "its own only");
    assert_eq!(service["target_groups"][0]["targets"][0]["target_id"], "i-1");
    let vpc = &service["service_network_associations"][0]["vpc_associations"][0];
    assert_eq!(vpc["security_group_ids"], json!(["sg-1"]));
}
