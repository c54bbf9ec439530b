//! Systems Manager: managed hosts, their patches and their inventory.

use std::collections::BTreeMap;

use crate::clock::Time;

model! {
    /// A host with the agent (`ssm:DescribeInstanceInformation`).
    pub struct ManagedInstance {
        /// What it is.
        resource_type: String = ["EC2Instance", "ManagedInstance"],
        /// Whether the agent answers.
        ping_status: String = ["Online", "ConnectionLost", "Inactive"],
        /// When the agent last reported.
        last_ping_date_time: Option<Time>,
        /// The version of the agent.
        agent_version: Option<String>,
        /// Whether that is the newest version.
        is_latest_version: Option<bool>,
        /// The family of the operating system.
        platform_type: Option<String> = ["Windows", "Linux", "MacOS"],
        /// The operating system, such as `Amazon Linux`.
        platform_name: Option<String>,
        /// Its version.
        platform_version: Option<String>,
        /// The host name.
        computer_name: Option<String>,
        /// The address last reported.
        ip_address: Option<String>,
        /// The activation by which a host outside EC2 was registered.
        activation_id: Option<String>,
        /// The role of a host outside EC2.
        iam_role: Option<String>,
        /// When a host outside EC2 was registered.
        registration_date: Option<Time>,
        /// The kind of the resource behind it, such as `AWS::EC2::Instance`.
        source_type: Option<String>,
        /// The id of the resource behind it.
        source_id: Option<String>,
        /// How its associations stand: `Success`, `Failed` or `Pending`.
        association_status: Option<String>,
        /// When an association was last run.
        last_association_execution_date: Option<Time>,
        /// When an association last succeeded.
        last_successful_association_execution_date: Option<Time>,
        /// How many associations are in each state.
        association_status_counts: BTreeMap<String, i64>,
    } facts {
        /// When standard support for its operating system ends; absent when no end is set.
        end_of_life: Option<Time>,
        /// Whether the operating system is one whose support dates are known here.
        platform_known: bool,
    }

    /// The patch state of a host (`ssm:DescribeInstancePatchStates`).
    pub struct PatchState {
        /// The host.
        instance_id: String,
        /// The patch group.
        patch_group: Option<String>,
        /// The patch baseline it was judged by.
        baseline_id: String,
        /// The snapshot of the baseline.
        snapshot_id: Option<String>,
        /// The list that overrode the baseline.
        install_override_list: Option<String>,
        /// What the last operation did.
        operation: String = ["Scan", "Install"],
        /// When it began.
        operation_start_time: Option<Time>,
        /// When it ended.
        operation_end_time: Option<Time>,
        /// When patches were last installed without a restart.
        last_no_reboot_install_operation_time: Option<Time>,
        /// Whether the host restarts after installing.
        reboot_option: Option<String> = ["RebootIfNeeded", "NoReboot"],
        /// Patches of the baseline that are installed.
        installed_count: Option<i64>,
        /// Patches installed that the baseline does not name.
        installed_other_count: Option<i64>,
        /// Patches installed since the last restart.
        installed_pending_reboot_count: Option<i64>,
        /// Patches installed that the baseline rejects.
        installed_rejected_count: Option<i64>,
        /// Patches of the baseline that are missing.
        missing_count: Option<i64>,
        /// Patches that could not be installed.
        failed_count: Option<i64>,
        /// Patches of the baseline that do not apply, beyond those reported.
        unreported_not_applicable_count: Option<i64>,
        /// Patches of the baseline that do not apply.
        not_applicable_count: Option<i64>,
        /// Security updates that exist but the baseline does not approve.
        available_security_update_count: Option<i64>,
        /// Patches with compliance level critical that are missing, failed, rejected or wait for a restart.
        critical_non_compliant_count: Option<i64>,
        /// Patches of class security that are missing, failed, rejected or wait for a restart.
        security_non_compliant_count: Option<i64>,
        /// Other patches that are missing, failed, rejected or wait for a restart.
        other_non_compliant_count: Option<i64>,
    }

    /// What a host reports about itself (`ssm:GetInventory`).
    pub struct Inventory {
        /// The host.
        instance_id: String,
        /// When it was reported.
        capture_time: Option<Time>,
        /// Whether the host still reports: `Active`, `Terminated`, `ConnectionLost` or `Stopped`.
        instance_status: Option<String>,
        /// The agent, such as `amazon-ssm-agent`.
        agent_type: Option<String>,
        /// The version of the agent.
        agent_version: Option<String>,
        /// The family of the operating system.
        platform_type: Option<String>,
        /// The operating system.
        platform_name: Option<String>,
        /// Its version.
        platform_version: Option<String>,
        /// The running kernel, where a custom inventory reports it.
        kernel_version: Option<String>,
        /// The host name.
        computer_name: Option<String>,
        /// The address.
        ip_address: Option<String>,
        /// The kind of host: `EC2Instance` or `ManagedInstance`.
        resource_type: Option<String>,
        /// How many applications are installed (`AWS:Application`).
        application_count: Option<i64>,
    }
}
