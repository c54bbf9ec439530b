//! Answers about what network analysis needs besides VPCs: databases, functions, clusters, VPN, firewalls, front doors.

use serde_json::{Value, json};

use super::*;

const HERE: &str = "111122223333/eu-west-1";
const GLOBAL: &str = "111122223333/global";

fn files(all: &[(&str, &str, Value)]) -> Vec<(String, String)> {
    all.iter().map(|(dir, name, value)| (format!("{dir}/{name}"), value.to_string())).collect()
}

fn read_all(all: &[(&str, &str, Value)]) -> (Vec<Resource>, Summary) {
    let files = files(all);
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let (resources, summary) = dump(&files);
    assert!(resources.iter().flat_map(not_understood).next().is_none());
    (resources, summary)
}

fn one<'r>(all: &'r [Resource], kind: &str) -> &'r Resource {
    let found = of(all, kind);
    assert_eq!(found.len(), 1, "{kind}");
    found[0]
}

/// Why an attribute is unknown: the kind of cause, and the call.
fn open(value: &Value) -> (&str, &str) {
    let cause = &value["$unknown"];
    (cause["kind"].as_str().unwrap_or("known"), cause["detail"].as_str().unwrap_or_default())
}

#[test]
fn databases() {
    let database = json!({"DBInstances": [{
        "DBInstanceIdentifier": "shop", "DBInstanceArn": "arn:aws:rds:eu-west-1:111122223333:db:shop",
        "DbiResourceId": "db-ABC", "Engine": "postgres", "EngineVersion": "16.4", "DBInstanceStatus": "available",
        "Endpoint": {"Address": "shop.abc.eu-west-1.rds.amazonaws.com", "Port": 5432, "HostedZoneId": "Z"},
        "PubliclyAccessible": true, "MultiAZ": false, "StorageEncrypted": true, "NetworkType": "IPV4",
        "VpcSecurityGroups": [
            {"VpcSecurityGroupId": "sg-1", "Status": "active"}, {"VpcSecurityGroupId": "sg-2", "Status": "removing"}
        ],
        "DBSubnetGroup": {
            "DBSubnetGroupName": "data", "VpcId": "vpc-1",
            "Subnets": [{"SubnetIdentifier": "subnet-1", "SubnetStatus": "Active"}, {"SubnetIdentifier": "subnet-2"}]
        },
        "MasterUsername": "admin", "TagList": [{"Key": "env", "Value": "prod"}],
        "IAMDatabaseAuthenticationEnabled": false, "DeletionProtection": true, "AutoMinorVersionUpgrade": true
    }]});
    let (all, summary) = read_all(&[(HERE, "d.json", database)]);
    assert_eq!(notes(&summary), Vec::<String>::new());
    let found = one(&all, "aws.rds.db_instance");
    assert_eq!(found.meta.id, "shop");
    assert_eq!(found.meta.tags.known().unwrap()["env"], "prod");
    let data = data(found);
    assert_eq!(data["status"], "available");
    assert_eq!(data["vpc_security_group_ids"], json!(["sg-1"]), "only those in effect");
    assert_eq!(data["subnet_ids"], json!(["subnet-1", "subnet-2"]));
    assert_eq!(data["endpoint_port"], 5432);
    assert_eq!(data["publicly_accessible"], true);
    assert_eq!(status(&summary, "aws.rds.db_instance").unwrap().0, Completeness::Complete);
}

#[test]
fn functions() {
    let arn = |name: &str| format!("arn:aws:lambda:eu-west-1:111122223333:function:{name}");
    let list = json!({"Functions": [
        {
            "FunctionName": "mail", "FunctionArn": arn("mail"), "Runtime": "python3.13",
            "Role": "arn:aws:iam::111122223333:role/mail", "LastModified": "2025-05-01T10:00:00.000+0000",
            "VpcConfig": {"VpcId": "vpc-1", "SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
            "Environment": {"Variables": {"API_TOKEN": "Tr0ub4dor", "STAGE": "prod"}}
        },
        {"FunctionName": "plain", "FunctionArn": arn("plain"), "VpcConfig": {"VpcId": "", "SubnetIds": []}},
        {"FunctionName": "quiet", "FunctionArn": arn("quiet")}
    ]});
    let url = json!({"FunctionUrlConfigs": [{
        "FunctionUrl": "https://x.lambda-url.eu-west-1.on.aws/", "FunctionArn": format!("{}:live", arn("mail")),
        "AuthType": "NONE", "Cors": {"AllowOrigins": ["*"]}, "InvokeMode": "BUFFERED"
    }]});
    let document = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunctionUrl", "Resource": arn("mail")
    }]});
    let policy = json!({"Policy": document.to_string(), "RevisionId": "1"});
    let none = "\nAn error occurred (ResourceNotFoundException) when calling the GetPolicy operation: \
                The resource you requested does not exist.\n";
    let mut files = files(&[
        (HERE, "list.json", list),
        (HERE, "url.json", url),
        (HERE, "get-policy.json", policy),
        (HERE, "list-function-url-configs.plain.json", json!({"FunctionUrlConfigs": []})),
    ]);
    files.push((format!("{HERE}/get-policy.plain.json"), none.to_owned()));
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let (all, summary) = dump(&files);
    assert_eq!(notes(&summary), Vec::<String>::new());
    let found = of(&all, "aws.lambda.function");
    let [mail, plain, quiet] = [0, 1, 2].map(|at| data(found[at]));
    assert_eq!(mail["environment_variable_names"], json!(["API_TOKEN", "STAGE"]));
    assert!(!mail.to_string().contains("Tr0ub4dor"), "values are never kept");
    assert_eq!(mail["function_urls"][0]["auth_type"], "NONE");
    assert_eq!(mail["policy_document"]["statements"][0]["principals"][0]["kind"], "*");
    assert_eq!(mail["subnet_ids"], json!(["subnet-1"]));
    assert_eq!(plain["vpc_id"], Value::Null);
    assert_eq!(plain["policy_document"], Value::Null, "an error says that there is none");
    assert_eq!(plain["function_urls"], json!([]));
    assert_eq!(open(&quiet["policy_document"]), ("not_collected", "lambda:GetPolicy"));
    assert_eq!(open(&quiet["function_urls"]), ("not_collected", "lambda:ListFunctionUrlConfigs"));
}

#[test]
fn clusters() {
    let cluster = json!({"cluster": {
        "name": "shop", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/shop", "version": "1.33",
        "endpoint": "https://x.eks.amazonaws.com", "status": "ACTIVE", "createdAt": 1_700_000_000.5,
        "resourcesVpcConfig": {
            "subnetIds": ["subnet-1"], "securityGroupIds": [], "clusterSecurityGroupId": "sg-9", "vpcId": "vpc-1",
            "endpointPublicAccess": true, "endpointPrivateAccess": false, "publicAccessCidrs": ["0.0.0.0/0"]
        },
        "logging": {"clusterLogging": [{"types": ["audit", "api"], "enabled": true}, {"types": ["scheduler"], "enabled": false}]},
        "tags": {"env": "prod"}
    }});
    let (all, summary) = read_all(&[
        (HERE, "eks-list-clusters.json", json!({"clusters": ["shop", "other"]})),
        (HERE, "shop.json", cluster),
    ]);
    assert_eq!(notes(&summary), Vec::<String>::new());
    let found = of(&all, "aws.eks.cluster");
    assert_eq!(found.len(), 2);
    assert_eq!(
        open(&data(found[0])["endpoint_public_access"]),
        ("not_collected", "eks:DescribeCluster")
    );
    let shop = data(found[1]);
    assert_eq!(found[1].meta.tags.known().unwrap()["env"], "prod");
    assert_eq!(shop["public_access_cidrs"], json!(["0.0.0.0/0"]));
    assert_eq!(shop["enabled_log_types"], json!(["api", "audit"]));
    assert_eq!(status(&summary, "aws.eks.cluster").unwrap().0, Completeness::Complete);
    // Container services list clusters as objects, under the same name.
    let (all, _) = dump(&[(&format!("{HERE}/c.json"), r#"{"clusters": [{"clusterName": "x"}]}"#)]);
    assert!(all.is_empty());
}

#[test]
fn ways_in_for_networks_and_people() {
    let vpn = json!({"VpnConnections": [{
        "VpnConnectionId": "vpn-1", "VpnGatewayId": "vgw-1", "CustomerGatewayId": "cgw-1", "State": "available",
        "Type": "ipsec.1", "CustomerGatewayConfiguration": "<pre_shared_key>Tr0ub4dor</pre_shared_key>",
        "Options": {"StaticRoutesOnly": true, "LocalIpv4NetworkCidr": "0.0.0.0/0",
            "TunnelOptions": [{"PreSharedKey": "Tr0ub4dor"}]},
        "Routes": [{"DestinationCidrBlock": "192.168.0.0/16", "State": "available"}],
        "VgwTelemetry": [{"OutsideIpAddress": "203.0.113.9", "Status": "UP", "AcceptedRouteCount": 1}]
    }]});
    let client = json!({"ClientVpnEndpoints": [
        {
            "ClientVpnEndpointId": "cvpn-endpoint-1", "Status": {"Code": "available"}, "ClientCidrBlock": "10.9.0.0/22",
            "SplitTunnel": true, "VpcId": "vpc-1", "SecurityGroupIds": ["sg-1"],
            "AuthenticationOptions": [{"Type": "certificate-authentication"}], "ConnectionLogOptions": {"Enabled": false}
        },
        {"ClientVpnEndpointId": "cvpn-endpoint-2", "Status": {"Code": "pending-associate"}, "SplitTunnel": false}
    ]});
    let networks = json!({"ClientVpnTargetNetworks": [{
        "AssociationId": "cvpn-assoc-1", "VpcId": "vpc-1", "TargetNetworkId": "subnet-1",
        "ClientVpnEndpointId": "cvpn-endpoint-1", "Status": {"Code": "associated"}, "SecurityGroups": ["sg-1"]
    }]});
    let rules = json!({"AuthorizationRules": [{
        "ClientVpnEndpointId": "cvpn-endpoint-1", "GroupId": "", "AccessAll": true, "DestinationCidr": "10.0.0.0/16",
        "Status": {"Code": "active"}
    }]});
    let routes = json!({"Routes": [{
        "ClientVpnEndpointId": "cvpn-endpoint-1", "DestinationCidr": "10.0.0.0/16", "TargetSubnet": "subnet-1",
        "Type": "Nat", "Origin": "associate", "Status": {"Code": "active"}
    }]});
    let connect = json!({"InstanceConnectEndpoints": [{
        "InstanceConnectEndpointId": "eice-1", "State": "create-complete", "VpcId": "vpc-1", "SubnetId": "subnet-1",
        "InstanceConnectEndpointArn": "arn:aws:ec2:eu-west-1:111122223333:instance-connect-endpoint/eice-1",
        "NetworkInterfaceIds": ["eni-1"], "SecurityGroupIds": ["sg-1"], "PreserveClientIp": false, "Tags": []
    }]});
    let (all, summary) = read_all(&[
        (HERE, "1.json", vpn),
        (HERE, "2.json", client),
        (HERE, "3.json", networks),
        (HERE, "4.json", rules),
        (HERE, "5.json", routes),
        (HERE, "6.json", connect),
    ]);
    assert_eq!(notes(&summary), Vec::<String>::new());
    let vpn = data(one(&all, "aws.ec2.vpn_connection"));
    assert!(!vpn.to_string().contains("Tr0ub4dor"), "keys are never kept");
    assert_eq!(vpn["static_routes_only"], true);
    assert_eq!(vpn["routes"][0]["destination_cidr_block"], "192.168.0.0/16");
    assert_eq!(vpn["transit_gateway_id"], Value::Null);
    let client = of(&all, "aws.ec2.client_vpn_endpoint");
    let (first, second) = (data(client[0]), data(client[1]));
    assert_eq!(first["subnet_ids"], json!(["subnet-1"]));
    assert_eq!(first["authorization_rules"][0]["access_all"], true);
    assert_eq!(first["authorization_rules"][0]["group_id"], Value::Null);
    assert_eq!(first["routes"][0]["target_subnet_id"], "subnet-1");
    assert_eq!(open(&second["routes"]), ("not_collected", "ec2:DescribeClientVpnRoutes"));
    let connect = one(&all, "aws.ec2.instance_connect_endpoint");
    assert_eq!(data(connect)["preserve_client_ip"], false);
}

#[test]
#[expect(clippy::too_many_lines, reason = "most of it are the answers")]
fn firewalls_with_policy_and_rules() {
    let arn = |rest: &str| format!("arn:aws:network-firewall:eu-west-1:111122223333:{rest}");
    let firewall = json!({
        "Firewall": {
            "FirewallName": "edge", "FirewallArn": arn("firewall/edge"), "FirewallPolicyArn": arn("firewall-policy/p"),
            "VpcId": "vpc-1", "SubnetMappings": [{"SubnetId": "subnet-1"}, {"SubnetId": "subnet-2"}],
            "DeleteProtection": true, "SubnetChangeProtection": false, "FirewallPolicyChangeProtection": false,
            "FirewallId": "f", "Tags": [{"Key": "env", "Value": "prod"}]
        },
        "FirewallStatus": {
            "Status": "READY", "ConfigurationSyncStateSummary": "IN_SYNC",
            "SyncStates": {"eu-west-1a": {"Attachment": {"SubnetId": "subnet-1", "EndpointId": "vpce-1", "Status": "READY"}}}
        }
    });
    let policy = json!({
        "FirewallPolicyResponse": {"FirewallPolicyName": "p", "FirewallPolicyArn": arn("firewall-policy/p")},
        "FirewallPolicy": {
            "StatelessDefaultActions": ["aws:forward_to_sfe"], "StatelessFragmentDefaultActions": ["aws:drop"],
            "StatelessRuleGroupReferences": [
                {"ResourceArn": arn("stateless-rulegroup/b"), "Priority": 20},
                {"ResourceArn": arn("stateless-rulegroup/a"), "Priority": 10}
            ],
            "StatefulRuleGroupReferences": [{"ResourceArn": arn("stateful-rulegroup/d")}],
            "StatefulDefaultActions": ["aws:drop_strict"], "StatefulEngineOptions": {"RuleOrder": "STRICT_ORDER"}
        }
    });
    let stateless = json!({
        "RuleGroupResponse": {"RuleGroupName": "a", "RuleGroupArn": arn("stateless-rulegroup/a"), "Type": "STATELESS"},
        "RuleGroup": {"RulesSource": {"StatelessRulesAndCustomActions": {"StatelessRules": [
            {"Priority": 2, "RuleDefinition": {"Actions": ["aws:drop"], "MatchAttributes": {}}},
            {"Priority": 1, "RuleDefinition": {"Actions": ["aws:pass"], "MatchAttributes": {
                "Sources": [{"AddressDefinition": "10.0.0.0/8"}], "DestinationPorts": [{"FromPort": 443, "ToPort": 443}],
                "Protocols": [6], "TCPFlags": [{"Flags": ["SYN"], "Masks": ["SYN", "ACK"]}]
            }}}
        ]}}}
    });
    let domains = json!({
        "RuleGroupResponse": {"RuleGroupName": "d", "RuleGroupArn": arn("stateful-rulegroup/d"), "Type": "STATEFUL"},
        "RuleGroup": {"RulesSource": {"RulesSourceList": {
            "Targets": [".example.com"], "TargetTypes": ["TLS_SNI"], "GeneratedRulesType": "ALLOWLIST"
        }}}
    });
    let rules = json!({
        "RuleGroupResponse": {"RuleGroupName": "s", "RuleGroupArn": arn("stateful-rulegroup/s"), "Type": "STATEFUL"},
        "RuleGroup": {
            "RuleVariables": {"IPSets": {"HOME_NET": {"Definition": ["10.1.0.0/16"]}}},
            "RulesSource": {"StatefulRules": [{
                "Action": "PASS", "RuleOptions": [{"Keyword": "sid", "Settings": ["1"]}],
                "Header": {"Protocol": "TCP", "Source": "$HOME_NET", "SourcePort": "ANY", "Direction": "FORWARD",
                    "Destination": "ANY", "DestinationPort": "443"}
            }]}
        }
    });
    let list = json!({"RuleGroups": [
        {"Name": "a", "Arn": arn("stateless-rulegroup/a")}, {"Name": "b", "Arn": arn("stateless-rulegroup/b")}
    ]});
    let (all, summary) = read_all(&[
        (
            HERE,
            "1.json",
            json!({"Firewalls": [{"FirewallName": "edge", "FirewallArn": arn("firewall/edge")}]}),
        ),
        (HERE, "2.json", firewall),
        (HERE, "3.json", policy),
        (HERE, "4.json", stateless),
        (HERE, "5.json", domains),
        (HERE, "6.json", rules),
        (HERE, "7.json", list),
    ]);
    assert_eq!(notes(&summary), Vec::<String>::new());
    let firewall = one(&all, "aws.network_firewall.firewall");
    assert_eq!(firewall.meta.tags.known().unwrap()["env"], "prod");
    let firewall = data(firewall);
    assert_eq!(firewall["endpoint_ids"], json!(["vpce-1"]));
    assert_eq!(firewall["endpoints"][0]["availability_zone"], "eu-west-1a");
    assert_eq!(firewall["endpoints"][1]["endpoint_id"], Value::Null, "no endpoint there yet");
    let policy = data(one(&all, "aws.network_firewall.policy"));
    assert_eq!(policy["stateless_rule_groups"][0]["priority"], 10, "in the order of evaluation");
    assert_eq!(policy["stateful_rule_order"], "STRICT_ORDER");
    let groups = of(&all, "aws.network_firewall.rule_group");
    let named = |name: &str| {
        let found = groups.iter().find(|r| r.meta.name.as_deref() == Some(name));
        data(found.unwrap())
    };
    let a = named("a");
    assert_eq!(a["opaque"], false);
    assert_eq!(a["stateless_rules"][0]["priority"], 1, "lowest first");
    assert_eq!(a["stateless_rules"][0]["destination_ports"], json!([{"from": 443, "to": 443}]));
    assert_eq!(a["stateless_rules"][0]["tcp_flags"], json!(["SYN/SYN,ACK"]));
    assert_eq!(
        open(&named("b")["opaque"]),
        ("not_collected", "network-firewall:DescribeRuleGroup")
    );
    assert_eq!(named("d")["opaque"], true);
    assert_eq!(named("d")["domains"], json!([".example.com"]));
    assert_eq!(named("s")["opaque"], false);
    assert_eq!(named("s")["stateful_rules"][0]["source"], "$HOME_NET");
    assert_eq!(named("s")["ip_sets"]["HOME_NET"], json!(["10.1.0.0/16"]));
    assert_eq!(
        status(&summary, "aws.network_firewall.policy").unwrap().0,
        Completeness::Partial,
        "one by name is not the list"
    );
}

#[test]
fn accelerators() {
    let accelerator = "arn:aws:globalaccelerator::111122223333:accelerator/a";
    let listener = format!("{accelerator}/listener/l");
    let list = json!({"Accelerators": [{
        "AcceleratorArn": accelerator, "Name": "front", "IpAddressType": "IPV4", "Enabled": true, "Status": "DEPLOYED",
        "IpSets": [{"IpFamily": "IPv4", "IpAddresses": ["192.0.2.1", "192.0.2.2"]}], "DnsName": "a.awsglobalaccelerator.com"
    }]});
    let listeners = json!({"Listeners": [{
        "ListenerArn": listener, "PortRanges": [{"FromPort": 80, "ToPort": 81}], "Protocol": "TCP", "ClientAffinity": "NONE"
    }]});
    let groups = json!({"EndpointGroups": [{
        "EndpointGroupArn": format!("{listener}/endpoint-group/g"), "EndpointGroupRegion": "eu-west-1",
        "EndpointDescriptions": [{"EndpointId": "i-1", "Weight": 128, "ClientIPPreservationEnabled": true}],
        "TrafficDialPercentage": 100.0, "PortOverrides": [{"ListenerPort": 80, "EndpointPort": 8080}]
    }]});
    let (all, summary) = read_all(&[
        ("111122223333/us-west-2", "a.json", list.clone()),
        (GLOBAL, "1-groups.json", groups),
        (GLOBAL, "2-listeners.json", listeners.clone()),
    ]);
    assert_eq!(notes(&summary), Vec::<String>::new());
    let found = one(&all, "aws.globalaccelerator.accelerator");
    assert_eq!(found.meta.region.as_str(), "global", "whichever region was asked");
    let front = data(found);
    assert_eq!(front["ip_addresses"], json!(["192.0.2.1", "192.0.2.2"]));
    let listener = &front["listeners"][0];
    assert_eq!(listener["port_ranges"], json!([{"from": 80, "to": 81}]));
    let group = &listener["endpoint_groups"][0];
    assert_eq!(group["endpoints"][0]["client_ip_preservation_enabled"], true);
    assert_eq!(group["port_overrides"][0]["endpoint_port"], 8080);
    assert_eq!(front["endpoint_ids"], json!(["i-1"]));

    let (all, _) = read_all(&[(GLOBAL, "a.json", list), (GLOBAL, "l.json", listeners)]);
    let front = data(one(&all, "aws.globalaccelerator.accelerator"));
    let why = ("not_collected", "globalaccelerator:ListEndpointGroups");
    assert_eq!(open(&front["endpoint_ids"]), why);
    assert_eq!(open(&front["listeners"][0]["endpoint_groups"]), why);
}

#[test]
fn origins_and_links() {
    let arn = "arn:aws:cloudfront::111122223333:vpcorigin/vo_1";
    let balancer = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/x/1";
    let list = json!({"VpcOriginList": {"IsTruncated": false, "Quantity": 2, "Items": [
        {"Id": "vo_1", "Name": "x", "Status": "Deployed", "Arn": arn, "OriginEndpointArn": balancer},
        {"Id": "vo_2", "Name": "y", "Status": "Deployed", "Arn": arn, "OriginEndpointArn": balancer}
    ]}});
    let single = json!({"VpcOrigin": {
        "Id": "vo_1", "Arn": arn, "Status": "Deployed", "CreatedTime": "2025-01-01T00:00:00Z",
        "VpcOriginEndpointConfig": {
            "Name": "x", "Arn": balancer, "HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only",
            "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]}
        }
    }, "ETag": "e"});
    let links = json!({"Items": [{
        "VpcLinkId": "abc", "Name": "inside", "SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"],
        "VpcLinkStatus": "AVAILABLE", "VpcLinkVersion": "V2", "Tags": {"env": "prod"}
    }]});
    let (all, summary) =
        read_all(&[(GLOBAL, "1.json", list), (GLOBAL, "2.json", single), (HERE, "3.json", links)]);
    assert_eq!(notes(&summary), Vec::<String>::new());
    let origins = of(&all, "aws.cloudfront.vpc_origin");
    assert_eq!(data(origins[0])["https_port"], 443);
    assert_eq!(data(origins[0])["origin_protocol_policy"], "https-only");
    assert_eq!(open(&data(origins[1])["http_port"]), ("not_collected", "cloudfront:GetVpcOrigin"));
    assert_eq!(data(origins[1])["endpoint_arn"], balancer);
    let link = one(&all, "aws.apigatewayv2.vpc_link");
    assert_eq!(link.meta.tags.known().unwrap()["env"], "prod");
    assert_eq!(data(link)["status"], "AVAILABLE");
    let cut = json!({"VpcOriginList": {"IsTruncated": true, "Items": []}});
    let (_, summary) = dump(&[(&format!("{GLOBAL}/o.json"), &cut.to_string())]);
    assert_eq!(status(&summary, "aws.cloudfront.vpc_origin").unwrap().0, Completeness::Partial);
}

#[test]
fn services_of_lattice() {
    let arn = "arn:aws:vpc-lattice:eu-west-1:111122223333:service/svc-1";
    let summary_of = json!({"id": "svc-1", "arn": arn, "name": "pay", "dnsEntry": {"domainName": "d"}, "status": "ACTIVE"});
    let mut whole = summary_of.clone();
    whole["authType"] = json!("NONE");
    let mut all_files = vec![
        (HERE, "1.json", json!({"items": [summary_of]})),
        (HERE, "2.json", whole),
        (
            HERE,
            "3.json",
            json!({"items": [
                {"id": "listener-1", "arn": format!("{arn}/listener/listener-1"), "protocol": "HTTPS", "port": 443}
            ]}),
        ),
        (
            HERE,
            "4.json",
            json!({"items": [
                {"id": "tg-1", "arn": "a", "type": "INSTANCE", "protocol": "HTTP", "port": 80, "vpcIdentifier": "vpc-1",
                 "status": "ACTIVE", "serviceArns": [arn]},
                {"id": "tg-2", "arn": "b", "type": "LAMBDA", "status": "ACTIVE", "serviceArns": []}
            ]}),
        ),
        (
            HERE,
            "list-targets.tg-1.json",
            json!({"items": [{"id": "i-1", "port": 80, "status": "HEALTHY"}]}),
        ),
        (
            HERE,
            "6.json",
            json!({"items": [
                {"id": "snsa-1", "serviceId": "svc-1", "serviceNetworkId": "sn-1", "serviceNetworkArn": "n", "status": "ACTIVE"}
            ]}),
        ),
        (
            HERE,
            "7.json",
            json!({"items": [
                {"id": "snva-1", "serviceNetworkId": "sn-1", "vpcId": "vpc-2", "status": "ACTIVE"}
            ]}),
        ),
    ];
    let (all, summary) = read_all(&all_files);
    assert_eq!(notes(&summary), Vec::<String>::new());
    let service = data(one(&all, "aws.vpc_lattice.service"));
    assert_eq!(service["auth_type"], "NONE");
    assert_eq!(service["listeners"][0]["port"], 443);
    assert_eq!(service["target_groups"].as_array().unwrap().len(), 1, "its own only");
    assert_eq!(service["target_groups"][0]["targets"][0]["target_id"], "i-1");
    let vpc = &service["service_network_associations"][0]["vpc_associations"][0];
    assert_eq!(vpc["vpc_id"], "vpc-2");
    assert_eq!(
        open(&vpc["security_group_ids"]),
        ("not_collected", "vpc-lattice:GetServiceNetworkVpcAssociation")
    );
    all_files.push((HERE, "8.json", json!({
        "id": "snva-1", "serviceNetworkId": "sn-1", "vpcId": "vpc-2", "status": "ACTIVE", "securityGroupIds": ["sg-1"]
    })));
    let (all, _) = read_all(&all_files);
    let service = data(one(&all, "aws.vpc_lattice.service"));
    let vpc = &service["service_network_associations"][0]["vpc_associations"][0];
    assert_eq!(vpc["security_group_ids"], json!(["sg-1"]));
    // Nothing tells several services' empty lists apart, and nothing is taken for empty.
    let (all, _) = read_all(&all_files[..1]);
    let service = data(one(&all, "aws.vpc_lattice.service"));
    assert_eq!(open(&service["target_groups"]), ("not_collected", "vpc-lattice:ListTargetGroups"));
}

#[test]
fn a_denied_call_names_its_types() {
    for (operation, kind, dir) in [
        ("DescribeDBInstances", "aws.rds.db_instance", HERE),
        ("ListFunctions", "aws.lambda.function", HERE),
        ("ListAccelerators", "aws.globalaccelerator.accelerator", GLOBAL),
        ("ListVpcOrigins", "aws.cloudfront.vpc_origin", "111122223333/us-east-1"),
    ] {
        let text = format!(
            "\nAn error occurred (AccessDeniedException) when calling the {operation} operation: no\n"
        );
        let (_, summary) = dump(&[(&format!("{dir}/x.json"), &text)]);
        assert_eq!(status(&summary, kind).unwrap().0, Completeness::Denied, "{operation}");
    }
}
