// The commands and events of QEMU 10.0, made by `qmp-web-types` of what `query-qmp-schema` returned.

/** Numbers hold integers up to 2⁵³ − 1; what is larger comes as a BigInt. Both can be given. */
export type Int = number | bigint;

/** Nothing at all. */
export type Empty = Record<string, never>;

/** What `connect` wants to know of a machine. */
export interface QmpSchema {
  commands: QmpCommands;
  events: QmpEvents;
}

/** What each command takes and returns. */
export interface QmpCommands {
  "add-fd": { arguments: AddFdArguments; returns: AddFdReturn };
  "add_client": { arguments: AddClientArguments; returns: {} };
  "announce-self": { arguments: AnnounceSelfArguments; returns: {} };
  "balloon": { arguments: BalloonArguments; returns: {} };
  "block-commit": { arguments: BlockCommitArguments; returns: {} };
  "block-dirty-bitmap-add": { arguments: BlockDirtyBitmapAddArguments; returns: {} };
  "block-dirty-bitmap-clear": { arguments: BlockDirtyBitmapClearArguments; returns: {} };
  "block-dirty-bitmap-disable": { arguments: BlockDirtyBitmapDisableArguments; returns: {} };
  "block-dirty-bitmap-enable": { arguments: BlockDirtyBitmapEnableArguments; returns: {} };
  "block-dirty-bitmap-merge": { arguments: BlockDirtyBitmapMergeArguments; returns: {} };
  "block-dirty-bitmap-remove": { arguments: BlockDirtyBitmapRemoveArguments; returns: {} };
  "block-export-add": { arguments: BlockExportAddArguments; returns: {} };
  "block-export-del": { arguments: BlockExportDelArguments; returns: {} };
  "block-job-cancel": { arguments: BlockJobCancelArguments; returns: {} };
  "block-job-change": { arguments: BlockJobChangeArguments; returns: {} };
  "block-job-complete": { arguments: BlockJobCompleteArguments; returns: {} };
  "block-job-dismiss": { arguments: BlockJobDismissArguments; returns: {} };
  "block-job-finalize": { arguments: BlockJobFinalizeArguments; returns: {} };
  "block-job-pause": { arguments: BlockJobPauseArguments; returns: {} };
  "block-job-resume": { arguments: BlockJobResumeArguments; returns: {} };
  "block-job-set-speed": { arguments: BlockJobSetSpeedArguments; returns: {} };
  "block-latency-histogram-set": { arguments: BlockLatencyHistogramSetArguments; returns: {} };
  "block-set-write-threshold": { arguments: BlockSetWriteThresholdArguments; returns: {} };
  "block-stream": { arguments: BlockStreamArguments; returns: {} };
  "block_resize": { arguments: BlockResizeArguments; returns: {} };
  "block_set_io_throttle": { arguments: BlockSetIoThrottleArguments; returns: {} };
  "blockdev-add": { arguments: BlockdevAddArguments; returns: {} };
  "blockdev-backup": { arguments: BlockdevBackupArguments; returns: {} };
  "blockdev-change-medium": { arguments: BlockdevChangeMediumArguments; returns: {} };
  "blockdev-close-tray": { arguments: BlockdevCloseTrayArguments; returns: {} };
  "blockdev-create": { arguments: BlockdevCreateArguments; returns: {} };
  "blockdev-del": { arguments: BlockdevDelArguments; returns: {} };
  "blockdev-insert-medium": { arguments: BlockdevInsertMediumArguments; returns: {} };
  "blockdev-mirror": { arguments: BlockdevMirrorArguments; returns: {} };
  "blockdev-open-tray": { arguments: BlockdevOpenTrayArguments; returns: {} };
  "blockdev-remove-medium": { arguments: BlockdevRemoveMediumArguments; returns: {} };
  "blockdev-reopen": { arguments: BlockdevReopenArguments; returns: {} };
  "blockdev-set-active": { arguments: BlockdevSetActiveArguments; returns: {} };
  "blockdev-snapshot": { arguments: BlockdevSnapshotArguments; returns: {} };
  "blockdev-snapshot-delete-internal-sync": { arguments: BlockdevSnapshotDeleteInternalSyncArguments; returns: BlockdevSnapshotDeleteInternalSyncReturn };
  "blockdev-snapshot-internal-sync": { arguments: BlockdevSnapshotInternalSyncArguments; returns: {} };
  "blockdev-snapshot-sync": { arguments: BlockdevSnapshotSyncArguments; returns: {} };
  "calc-dirty-rate": { arguments: CalcDirtyRateArguments; returns: {} };
  "cancel-vcpu-dirty-limit": { arguments: CancelVcpuDirtyLimitArguments; returns: {} };
  "change-backing-file": { arguments: ChangeBackingFileArguments; returns: {} };
  "change-vnc-password": { arguments: ChangeVncPasswordArguments; returns: {} };
  "chardev-add": { arguments: ChardevAddArguments; returns: ChardevAddReturn };
  "chardev-change": { arguments: ChardevChangeArguments; returns: ChardevChangeReturn };
  "chardev-remove": { arguments: ChardevRemoveArguments; returns: {} };
  "chardev-send-break": { arguments: ChardevSendBreakArguments; returns: {} };
  "client_migrate_info": { arguments: ClientMigrateInfoArguments; returns: {} };
  "closefd": { arguments: ClosefdArguments; returns: {} };
  "cont": { arguments: Empty; returns: {} };
  /** @experimental */
  "cxl-add-dynamic-capacity": { arguments: CxlAddDynamicCapacityArguments; returns: {} };
  "cxl-inject-correctable-error": { arguments: CxlInjectCorrectableErrorArguments; returns: {} };
  "cxl-inject-dram-event": { arguments: CxlInjectDramEventArguments; returns: {} };
  "cxl-inject-general-media-event": { arguments: CxlInjectGeneralMediaEventArguments; returns: {} };
  "cxl-inject-memory-module-event": { arguments: CxlInjectMemoryModuleEventArguments; returns: {} };
  "cxl-inject-poison": { arguments: CxlInjectPoisonArguments; returns: {} };
  "cxl-inject-uncorrectable-errors": { arguments: CxlInjectUncorrectableErrorsArguments; returns: {} };
  /** @experimental */
  "cxl-release-dynamic-capacity": { arguments: CxlReleaseDynamicCapacityArguments; returns: {} };
  "device-list-properties": { arguments: DeviceListPropertiesArguments; returns: DeviceListPropertiesReturn };
  /** @experimental */
  "device-sync-config": { arguments: DeviceSyncConfigArguments; returns: {} };
  "device_add": { arguments: DeviceAddArguments; returns: {} };
  "device_del": { arguments: DeviceDelArguments; returns: {} };
  "display-reload": { arguments: DisplayReloadArguments; returns: {} };
  "display-update": { arguments: DisplayUpdateArguments; returns: {} };
  /** @deprecated */
  "drive-backup": { arguments: DriveBackupArguments; returns: {} };
  "drive-mirror": { arguments: DriveMirrorArguments; returns: {} };
  "dump-guest-memory": { arguments: DumpGuestMemoryArguments; returns: {} };
  "dumpdtb": { arguments: DumpdtbArguments; returns: {} };
  "eject": { arguments: EjectArguments; returns: {} };
  "expire_password": { arguments: ExpirePasswordArguments; returns: {} };
  "getfd": { arguments: GetfdArguments; returns: {} };
  "human-monitor-command": { arguments: HumanMonitorCommandArguments; returns: HumanMonitorCommandReturn };
  "inject-nmi": { arguments: Empty; returns: {} };
  "input-send-event": { arguments: InputSendEventArguments; returns: {} };
  "job-cancel": { arguments: JobCancelArguments; returns: {} };
  "job-complete": { arguments: JobCompleteArguments; returns: {} };
  "job-dismiss": { arguments: JobDismissArguments; returns: {} };
  "job-finalize": { arguments: JobFinalizeArguments; returns: {} };
  "job-pause": { arguments: JobPauseArguments; returns: {} };
  "job-resume": { arguments: JobResumeArguments; returns: {} };
  "memsave": { arguments: MemsaveArguments; returns: {} };
  "migrate": { arguments: MigrateArguments; returns: {} };
  "migrate-continue": { arguments: MigrateContinueArguments; returns: {} };
  "migrate-incoming": { arguments: MigrateIncomingArguments; returns: {} };
  /** Can be executed out of band. */
  "migrate-pause": { arguments: Empty; returns: {} };
  /** Can be executed out of band. */
  "migrate-recover": { arguments: MigrateRecoverArguments; returns: {} };
  "migrate-set-capabilities": { arguments: MigrateSetCapabilitiesArguments; returns: {} };
  "migrate-set-parameters": { arguments: MigrateSetParametersArguments; returns: {} };
  "migrate-start-postcopy": { arguments: Empty; returns: {} };
  "migrate_cancel": { arguments: Empty; returns: {} };
  /** @deprecated */
  "nbd-server-add": { arguments: NbdServerAddArguments; returns: {} };
  /** @deprecated */
  "nbd-server-remove": { arguments: NbdServerRemoveArguments; returns: {} };
  "nbd-server-start": { arguments: NbdServerStartArguments; returns: {} };
  "nbd-server-stop": { arguments: Empty; returns: {} };
  "netdev_add": { arguments: NetdevAddArguments; returns: {} };
  "netdev_del": { arguments: NetdevDelArguments; returns: {} };
  "object-add": { arguments: ObjectAddArguments; returns: {} };
  "object-del": { arguments: ObjectDelArguments; returns: {} };
  "pmemsave": { arguments: PmemsaveArguments; returns: {} };
  "qmp_capabilities": { arguments: QmpCapabilitiesArguments; returns: {} };
  "qom-get": { arguments: QomGetArguments; returns: QomGetReturn };
  "qom-list": { arguments: QomListArguments; returns: QomListReturn };
  "qom-list-properties": { arguments: QomListPropertiesArguments; returns: QomListPropertiesReturn };
  "qom-list-types": { arguments: QomListTypesArguments; returns: QomListTypesReturn };
  "qom-set": { arguments: QomSetArguments; returns: {} };
  "query-acpi-ospm-status": { arguments: Empty; returns: QueryAcpiOspmStatusReturn };
  "query-audiodevs": { arguments: Empty; returns: QueryAudiodevsReturn };
  "query-balloon": { arguments: Empty; returns: QueryBalloonReturn };
  "query-block": { arguments: Empty; returns: QueryBlockReturn };
  "query-block-exports": { arguments: Empty; returns: QueryBlockExportsReturn };
  "query-block-jobs": { arguments: Empty; returns: QueryBlockJobsReturn };
  "query-blockstats": { arguments: QueryBlockstatsArguments; returns: QueryBlockstatsReturn };
  "query-chardev": { arguments: Empty; returns: QueryChardevReturn };
  "query-chardev-backends": { arguments: Empty; returns: QueryChardevBackendsReturn };
  "query-colo-status": { arguments: Empty; returns: QueryColoStatusReturn };
  "query-command-line-options": { arguments: QueryCommandLineOptionsArguments; returns: QueryCommandLineOptionsReturn };
  "query-commands": { arguments: Empty; returns: QueryCommandsReturn };
  "query-cpu-definitions": { arguments: Empty; returns: QueryCpuDefinitionsReturn };
  "query-cpu-model-expansion": { arguments: QueryCpuModelExpansionArguments; returns: QueryCpuModelExpansionReturn };
  "query-cpus-fast": { arguments: Empty; returns: QueryCpusFastReturn };
  "query-cryptodev": { arguments: Empty; returns: QueryCryptodevReturn };
  "query-current-machine": { arguments: Empty; returns: QueryCurrentMachineReturn };
  "query-dirty-rate": { arguments: QueryDirtyRateArguments; returns: QueryDirtyRateReturn };
  "query-display-options": { arguments: Empty; returns: QueryDisplayOptionsReturn };
  "query-dump": { arguments: Empty; returns: QueryDumpReturn };
  "query-dump-guest-memory-capability": { arguments: Empty; returns: QueryDumpGuestMemoryCapabilityReturn };
  "query-fdsets": { arguments: Empty; returns: QueryFdsetsReturn };
  "query-hotpluggable-cpus": { arguments: Empty; returns: QueryHotpluggableCpusReturn };
  "query-hv-balloon-status-report": { arguments: Empty; returns: QueryHvBalloonStatusReportReturn };
  "query-iothreads": { arguments: Empty; returns: QueryIothreadsReturn };
  "query-jobs": { arguments: Empty; returns: QueryJobsReturn };
  "query-kvm": { arguments: Empty; returns: QueryKvmReturn };
  "query-machines": { arguments: QueryMachinesArguments; returns: QueryMachinesReturn };
  "query-memdev": { arguments: Empty; returns: QueryMemdevReturn };
  "query-memory-devices": { arguments: Empty; returns: QueryMemoryDevicesReturn };
  "query-memory-size-summary": { arguments: Empty; returns: QueryMemorySizeSummaryReturn };
  "query-mice": { arguments: Empty; returns: QueryMiceReturn };
  "query-migrate": { arguments: Empty; returns: QueryMigrateReturn };
  "query-migrate-capabilities": { arguments: Empty; returns: QueryMigrateCapabilitiesReturn };
  "query-migrate-parameters": { arguments: Empty; returns: QueryMigrateParametersReturn };
  /** @deprecated */
  "query-migrationthreads": { arguments: Empty; returns: QueryMigrationthreadsReturn };
  "query-name": { arguments: Empty; returns: QueryNameReturn };
  "query-named-block-nodes": { arguments: QueryNamedBlockNodesArguments; returns: QueryNamedBlockNodesReturn };
  "query-pci": { arguments: Empty; returns: QueryPciReturn };
  "query-pr-managers": { arguments: Empty; returns: QueryPrManagersReturn };
  "query-qmp-schema": { arguments: Empty; returns: QueryQmpSchemaReturn };
  "query-replay": { arguments: Empty; returns: QueryReplayReturn };
  "query-rocker": { arguments: QueryRockerArguments; returns: QueryRockerReturn };
  "query-rocker-of-dpa-flows": { arguments: QueryRockerOfDpaFlowsArguments; returns: QueryRockerOfDpaFlowsReturn };
  "query-rocker-of-dpa-groups": { arguments: QueryRockerOfDpaGroupsArguments; returns: QueryRockerOfDpaGroupsReturn };
  "query-rocker-ports": { arguments: QueryRockerPortsArguments; returns: QueryRockerPortsReturn };
  "query-rx-filter": { arguments: QueryRxFilterArguments; returns: QueryRxFilterReturn };
  "query-sev": { arguments: Empty; returns: QuerySevReturn };
  "query-sev-attestation-report": { arguments: QuerySevAttestationReportArguments; returns: QuerySevAttestationReportReturn };
  "query-sev-capabilities": { arguments: Empty; returns: QuerySevCapabilitiesReturn };
  "query-sev-launch-measure": { arguments: Empty; returns: QuerySevLaunchMeasureReturn };
  "query-sgx": { arguments: Empty; returns: QuerySgxReturn };
  "query-sgx-capabilities": { arguments: Empty; returns: QuerySgxCapabilitiesReturn };
  "query-spice": { arguments: Empty; returns: QuerySpiceReturn };
  "query-stats": { arguments: QueryStatsArguments; returns: QueryStatsReturn };
  "query-stats-schemas": { arguments: QueryStatsSchemasArguments; returns: QueryStatsSchemasReturn };
  "query-status": { arguments: Empty; returns: QueryStatusReturn };
  "query-target": { arguments: Empty; returns: QueryTargetReturn };
  "query-tpm": { arguments: Empty; returns: QueryTpmReturn };
  "query-tpm-models": { arguments: Empty; returns: QueryTpmModelsReturn };
  "query-tpm-types": { arguments: Empty; returns: QueryTpmTypesReturn };
  "query-uuid": { arguments: Empty; returns: QueryUuidReturn };
  "query-vcpu-dirty-limit": { arguments: Empty; returns: QueryVcpuDirtyLimitReturn };
  "query-version": { arguments: Empty; returns: QueryVersionReturn };
  "query-vm-generation-id": { arguments: Empty; returns: QueryVmGenerationIdReturn };
  "query-vnc": { arguments: Empty; returns: QueryVncReturn };
  "query-vnc-servers": { arguments: Empty; returns: QueryVncServersReturn };
  "query-xen-replication-status": { arguments: Empty; returns: QueryXenReplicationStatusReturn };
  /** Can be executed out of band. */
  "query-yank": { arguments: Empty; returns: QueryYankReturn };
  "quit": { arguments: Empty; returns: {} };
  "remove-fd": { arguments: RemoveFdArguments; returns: {} };
  "replay-break": { arguments: ReplayBreakArguments; returns: {} };
  "replay-delete-break": { arguments: Empty; returns: {} };
  "replay-seek": { arguments: ReplaySeekArguments; returns: {} };
  "request-ebpf": { arguments: RequestEbpfArguments; returns: RequestEbpfReturn };
  "ringbuf-read": { arguments: RingbufReadArguments; returns: RingbufReadReturn };
  "ringbuf-write": { arguments: RingbufWriteArguments; returns: {} };
  "rtc-reset-reinjection": { arguments: Empty; returns: {} };
  "screendump": { arguments: ScreendumpArguments; returns: {} };
  "send-key": { arguments: SendKeyArguments; returns: {} };
  "set-action": { arguments: SetActionArguments; returns: {} };
  "set-numa-node": { arguments: SetNumaNodeArguments; returns: {} };
  "set-vcpu-dirty-limit": { arguments: SetVcpuDirtyLimitArguments; returns: {} };
  "set_link": { arguments: SetLinkArguments; returns: {} };
  "set_password": { arguments: SetPasswordArguments; returns: {} };
  "sev-inject-launch-secret": { arguments: SevInjectLaunchSecretArguments; returns: {} };
  "snapshot-delete": { arguments: SnapshotDeleteArguments; returns: {} };
  "snapshot-load": { arguments: SnapshotLoadArguments; returns: {} };
  "snapshot-save": { arguments: SnapshotSaveArguments; returns: {} };
  "stop": { arguments: Empty; returns: {} };
  "system_powerdown": { arguments: Empty; returns: {} };
  "system_reset": { arguments: Empty; returns: {} };
  "system_wakeup": { arguments: Empty; returns: {} };
  "trace-event-get-state": { arguments: TraceEventGetStateArguments; returns: TraceEventGetStateReturn };
  "trace-event-set-state": { arguments: TraceEventSetStateArguments; returns: {} };
  "transaction": { arguments: TransactionArguments; returns: {} };
  "watchdog-set-action": { arguments: WatchdogSetActionArguments; returns: {} };
  /** @experimental */
  "x-blockdev-amend": { arguments: XBlockdevAmendArguments; returns: {} };
  /** @experimental */
  "x-blockdev-change": { arguments: XBlockdevChangeArguments; returns: {} };
  /** @experimental */
  "x-blockdev-set-iothread": { arguments: XBlockdevSetIothreadArguments; returns: {} };
  /** @experimental */
  "x-colo-lost-heartbeat": { arguments: Empty; returns: {} };
  /** @experimental */
  "x-debug-block-dirty-bitmap-sha256": { arguments: XDebugBlockDirtyBitmapSha256Arguments; returns: XDebugBlockDirtyBitmapSha256Return };
  /** @experimental */
  "x-debug-query-block-graph": { arguments: Empty; returns: XDebugQueryBlockGraphReturn };
  /** @experimental */
  "x-exit-preconfig": { arguments: Empty; returns: {} };
  /** @experimental */
  "x-query-interrupt-controllers": { arguments: Empty; returns: XQueryInterruptControllersReturn };
  /** @experimental */
  "x-query-irq": { arguments: Empty; returns: XQueryIrqReturn };
  /** @experimental */
  "x-query-jit": { arguments: Empty; returns: XQueryJitReturn };
  /** @experimental */
  "x-query-numa": { arguments: Empty; returns: XQueryNumaReturn };
  /** @experimental */
  "x-query-opcount": { arguments: Empty; returns: XQueryOpcountReturn };
  /** @experimental */
  "x-query-ramblock": { arguments: Empty; returns: XQueryRamblockReturn };
  /** @experimental */
  "x-query-roms": { arguments: Empty; returns: XQueryRomsReturn };
  /** @experimental */
  "x-query-usb": { arguments: Empty; returns: XQueryUsbReturn };
  /** @experimental */
  "x-query-virtio": { arguments: Empty; returns: XQueryVirtioReturn };
  /** @experimental */
  "x-query-virtio-queue-element": { arguments: XQueryVirtioQueueElementArguments; returns: XQueryVirtioQueueElementReturn };
  /** @experimental */
  "x-query-virtio-queue-status": { arguments: XQueryVirtioQueueStatusArguments; returns: XQueryVirtioQueueStatusReturn };
  /** @experimental */
  "x-query-virtio-status": { arguments: XQueryVirtioStatusArguments; returns: XQueryVirtioStatusReturn };
  /** @experimental */
  "x-query-virtio-vhost-queue-status": { arguments: XQueryVirtioVhostQueueStatusArguments; returns: XQueryVirtioVhostQueueStatusReturn };
  "xen-colo-do-checkpoint": { arguments: Empty; returns: {} };
  "xen-event-inject": { arguments: XenEventInjectArguments; returns: {} };
  "xen-event-list": { arguments: Empty; returns: XenEventListReturn };
  "xen-load-devices-state": { arguments: XenLoadDevicesStateArguments; returns: {} };
  "xen-save-devices-state": { arguments: XenSaveDevicesStateArguments; returns: {} };
  "xen-set-global-dirty-log": { arguments: XenSetGlobalDirtyLogArguments; returns: {} };
  "xen-set-replication": { arguments: XenSetReplicationArguments; returns: {} };
  /** Can be executed out of band. */
  "yank": { arguments: YankArguments; returns: {} };
}

/** What each event tells as `data`. */
export interface QmpEvents {
  ACPI_DEVICE_OST: AcpiDeviceOstData;
  BALLOON_CHANGE: BalloonChangeData;
  BLOCK_EXPORT_DELETED: BlockExportDeletedData;
  BLOCK_IMAGE_CORRUPTED: BlockImageCorruptedData;
  BLOCK_IO_ERROR: BlockIoErrorData;
  BLOCK_JOB_CANCELLED: BlockJobCancelledData;
  BLOCK_JOB_COMPLETED: BlockJobCompletedData;
  BLOCK_JOB_ERROR: BlockJobErrorData;
  BLOCK_JOB_PENDING: BlockJobPendingData;
  BLOCK_JOB_READY: BlockJobReadyData;
  BLOCK_WRITE_THRESHOLD: BlockWriteThresholdData;
  COLO_EXIT: ColoExitData;
  DEVICE_DELETED: DeviceDeletedData;
  DEVICE_TRAY_MOVED: DeviceTrayMovedData;
  DEVICE_UNPLUG_GUEST_ERROR: DeviceUnplugGuestErrorData;
  DUMP_COMPLETED: DumpCompletedData;
  FAILOVER_NEGOTIATED: FailoverNegotiatedData;
  GUEST_CRASHLOADED: GuestCrashloadedData;
  GUEST_PANICKED: GuestPanickedData;
  GUEST_PVSHUTDOWN: undefined;
  HV_BALLOON_STATUS_REPORT: HvBalloonStatusReportData;
  JOB_STATUS_CHANGE: JobStatusChangeData;
  MEMORY_DEVICE_SIZE_CHANGE: MemoryDeviceSizeChangeData;
  MEMORY_FAILURE: MemoryFailureData;
  MIGRATION: MigrationData;
  MIGRATION_PASS: MigrationPassData;
  NETDEV_STREAM_CONNECTED: NetdevStreamConnectedData;
  NETDEV_STREAM_DISCONNECTED: NetdevStreamDisconnectedData;
  NETDEV_VHOST_USER_CONNECTED: NetdevVhostUserConnectedData;
  NETDEV_VHOST_USER_DISCONNECTED: NetdevVhostUserDisconnectedData;
  NIC_RX_FILTER_CHANGED: NicRxFilterChangedData;
  POWERDOWN: undefined;
  PR_MANAGER_STATUS_CHANGED: PrManagerStatusChangedData;
  QUORUM_FAILURE: QuorumFailureData;
  QUORUM_REPORT_BAD: QuorumReportBadData;
  RESET: ResetData;
  RESUME: undefined;
  RTC_CHANGE: RtcChangeData;
  SHUTDOWN: ShutdownData;
  SPICE_CONNECTED: SpiceConnectedData;
  SPICE_DISCONNECTED: SpiceDisconnectedData;
  SPICE_INITIALIZED: SpiceInitializedData;
  SPICE_MIGRATE_COMPLETED: undefined;
  STOP: undefined;
  SUSPEND: undefined;
  SUSPEND_DISK: undefined;
  UNPLUG_PRIMARY: UnplugPrimaryData;
  VFIO_MIGRATION: VfioMigrationData;
  VFU_CLIENT_HANGUP: VfuClientHangupData;
  VNC_CONNECTED: VncConnectedData;
  VNC_DISCONNECTED: VncDisconnectedData;
  VNC_INITIALIZED: VncInitializedData;
  VSERPORT_CHANGE: VserportChangeData;
  WAKEUP: undefined;
  WATCHDOG: WatchdogData;
}

export interface ACPIOSTInfo {
  device?: string;
  slot: string;
  "slot-type": ACPIOSTInfoSlotType;
  source: Int;
  status: Int;
}

export type ACPIOSTInfoSlotType =
  | "DIMM"
  | "CPU";

export interface AcpiDeviceOstData {
  info: ACPIOSTInfo;
}

export interface ActionProperties {
  "completion-mode"?: ActionPropertiesCompletionMode;
}

export type ActionPropertiesCompletionMode =
  | "individual"
  | "grouped";

export interface AddClientArguments {
  protocol: string;
  fdname: string;
  skipauth?: boolean;
  tls?: boolean;
}

export interface AddFdArguments {
  "fdset-id"?: Int;
  opaque?: string;
}

export interface AddFdReturn {
  "fdset-id": Int;
  fd: Int;
}

export interface AnnounceSelfArguments {
  initial: Int;
  max: Int;
  rounds: Int;
  step: Int;
  interfaces?: string[];
  id?: string;
}

export type AudioFormat =
  | "u8"
  | "s8"
  | "u16"
  | "s16"
  | "u32"
  | "s32"
  | "f32";

export interface AudiodevBase {
  id: string;
  "timer-period"?: Int;
}

export type Audiodev =
  | ({ driver: "none" | "spice" } & AudiodevBase & AudiodevNone)
  | ({ driver: "alsa" } & AudiodevBase & AudiodevAlsa)
  | ({ driver: "dbus" } & AudiodevBase & AudiodevDbus)
  | ({ driver: "jack" } & AudiodevBase & AudiodevJack)
  | ({ driver: "oss" } & AudiodevBase & AudiodevOss)
  | ({ driver: "pa" } & AudiodevBase & AudiodevPa)
  | ({ driver: "pipewire" } & AudiodevBase & AudiodevPipewire)
  | ({ driver: "sdl" } & AudiodevBase & AudiodevSdl)
  | ({ driver: "wav" } & AudiodevBase & AudiodevWav);

export interface AudiodevAlsa {
  in?: AudiodevAlsaIn;
  out?: AudiodevAlsaIn;
  threshold?: Int;
}

export interface AudiodevAlsaIn {
  "mixing-engine"?: boolean;
  "fixed-settings"?: boolean;
  frequency?: Int;
  channels?: Int;
  voices?: Int;
  format?: AudioFormat;
  "buffer-length"?: Int;
  dev?: string;
  "period-length"?: Int;
  "try-poll"?: boolean;
}

export interface AudiodevDbus {
  in?: AudiodevPerDirectionOptions;
  out?: AudiodevPerDirectionOptions;
  nsamples?: Int;
}

export type AudiodevDriver =
  | "none"
  | "alsa"
  | "dbus"
  | "jack"
  | "oss"
  | "pa"
  | "pipewire"
  | "sdl"
  | "spice"
  | "wav";

export interface AudiodevJack {
  in?: AudiodevJackIn;
  out?: AudiodevJackIn;
}

export interface AudiodevJackIn {
  "mixing-engine"?: boolean;
  "fixed-settings"?: boolean;
  frequency?: Int;
  channels?: Int;
  voices?: Int;
  format?: AudioFormat;
  "buffer-length"?: Int;
  "server-name"?: string;
  "client-name"?: string;
  "connect-ports"?: string;
  "start-server"?: boolean;
  "exact-name"?: boolean;
}

export interface AudiodevNone {
  in?: AudiodevPerDirectionOptions;
  out?: AudiodevPerDirectionOptions;
}

export interface AudiodevOss {
  in?: AudiodevOssIn;
  out?: AudiodevOssIn;
  "try-mmap"?: boolean;
  exclusive?: boolean;
  "dsp-policy"?: Int;
}

export interface AudiodevOssIn {
  "mixing-engine"?: boolean;
  "fixed-settings"?: boolean;
  frequency?: Int;
  channels?: Int;
  voices?: Int;
  format?: AudioFormat;
  "buffer-length"?: Int;
  dev?: string;
  "buffer-count"?: Int;
  "try-poll"?: boolean;
}

export interface AudiodevPa {
  in?: AudiodevPaIn;
  out?: AudiodevPaIn;
  server?: string;
}

export interface AudiodevPaIn {
  "mixing-engine"?: boolean;
  "fixed-settings"?: boolean;
  frequency?: Int;
  channels?: Int;
  voices?: Int;
  format?: AudioFormat;
  "buffer-length"?: Int;
  name?: string;
  "stream-name"?: string;
  latency?: Int;
}

export interface AudiodevPerDirectionOptions {
  "mixing-engine"?: boolean;
  "fixed-settings"?: boolean;
  frequency?: Int;
  channels?: Int;
  voices?: Int;
  format?: AudioFormat;
  "buffer-length"?: Int;
}

export interface AudiodevPipewire {
  in?: AudiodevPipewireIn;
  out?: AudiodevPipewireIn;
}

export interface AudiodevPipewireIn {
  "mixing-engine"?: boolean;
  "fixed-settings"?: boolean;
  frequency?: Int;
  channels?: Int;
  voices?: Int;
  format?: AudioFormat;
  "buffer-length"?: Int;
  name?: string;
  "stream-name"?: string;
  latency?: Int;
}

export interface AudiodevSdl {
  in?: AudiodevSdlIn;
  out?: AudiodevSdlIn;
}

export interface AudiodevSdlIn {
  "mixing-engine"?: boolean;
  "fixed-settings"?: boolean;
  frequency?: Int;
  channels?: Int;
  voices?: Int;
  format?: AudioFormat;
  "buffer-length"?: Int;
  "buffer-count"?: Int;
}

export interface AudiodevWav {
  in?: AudiodevPerDirectionOptions;
  out?: AudiodevPerDirectionOptions;
  path?: string;
}

export interface BackupPerf {
  "use-copy-range"?: boolean;
  "max-workers"?: Int;
  "max-chunk"?: Int;
  "min-cluster-size"?: Int;
}

export interface BalloonArguments {
  value: Int;
}

export interface BalloonChangeData {
  actual: Int;
}

export interface BitmapMigrationNodeAlias {
  "node-name": string;
  alias: string;
  bitmaps: BitmapMigrationNodeAliasBitmapsItem[];
}

export interface BitmapMigrationNodeAliasBitmapsItem {
  name: string;
  alias: string;
  transform?: BitmapMigrationNodeAliasBitmapsItemTransform;
}

export interface BitmapMigrationNodeAliasBitmapsItemTransform {
  persistent?: boolean;
}

export type BitmapSyncMode =
  | "on-success"
  | "never"
  | "always";

export type BlkdebugEvent =
  | "l1_update"
  | "l1_grow_alloc_table"
  | "l1_grow_write_table"
  | "l1_grow_activate_table"
  | "l2_load"
  | "l2_update"
  | "l2_update_compressed"
  | "l2_alloc_cow_read"
  | "l2_alloc_write"
  | "read_aio"
  | "read_backing_aio"
  | "read_compressed"
  | "write_aio"
  | "write_compressed"
  | "vmstate_load"
  | "vmstate_save"
  | "cow_read"
  | "cow_write"
  | "reftable_load"
  | "reftable_grow"
  | "reftable_update"
  | "refblock_load"
  | "refblock_update"
  | "refblock_update_part"
  | "refblock_alloc"
  | "refblock_alloc_hookup"
  | "refblock_alloc_write"
  | "refblock_alloc_write_blocks"
  | "refblock_alloc_write_table"
  | "refblock_alloc_switch_table"
  | "cluster_alloc"
  | "cluster_alloc_bytes"
  | "cluster_free"
  | "flush_to_os"
  | "flush_to_disk"
  | "pwritev_rmw_head"
  | "pwritev_rmw_after_head"
  | "pwritev_rmw_tail"
  | "pwritev_rmw_after_tail"
  | "pwritev"
  | "pwritev_zero"
  | "pwritev_done"
  | "empty_image_prepare"
  | "l1_shrink_write_table"
  | "l1_shrink_free_l2_clusters"
  | "cor_write"
  | "cluster_alloc_space"
  | "none";

export interface BlockCommitArguments {
  "job-id"?: string;
  device: string;
  "base-node"?: string;
  /** @deprecated */
  base?: string;
  "top-node"?: string;
  /** @deprecated */
  top?: string;
  "backing-file"?: string;
  "backing-mask-protocol"?: boolean;
  speed?: Int;
  "on-error"?: BlockdevOnError;
  "filter-node-name"?: string;
  "auto-finalize"?: boolean;
  "auto-dismiss"?: boolean;
}

export interface BlockDeviceInfo {
  file: string;
  "node-name"?: string;
  ro: boolean;
  drv: string;
  backing_file?: string;
  backing_file_depth: Int;
  active: boolean;
  encrypted: boolean;
  detect_zeroes: BlockdevDetectZeroesOptions;
  bps: Int;
  bps_rd: Int;
  bps_wr: Int;
  iops: Int;
  iops_rd: Int;
  iops_wr: Int;
  image: ImageInfo;
  bps_max?: Int;
  bps_rd_max?: Int;
  bps_wr_max?: Int;
  iops_max?: Int;
  iops_rd_max?: Int;
  iops_wr_max?: Int;
  bps_max_length?: Int;
  bps_rd_max_length?: Int;
  bps_wr_max_length?: Int;
  iops_max_length?: Int;
  iops_rd_max_length?: Int;
  iops_wr_max_length?: Int;
  iops_size?: Int;
  group?: string;
  cache: BlockDeviceInfoCache;
  write_threshold: Int;
  "dirty-bitmaps"?: BlockDirtyInfo[];
}

export interface BlockDeviceInfoCache {
  writeback: boolean;
  direct: boolean;
  "no-flush": boolean;
}

export type BlockDeviceIoStatus =
  | "ok"
  | "failed"
  | "nospace";

export interface BlockDeviceStats {
  rd_bytes: Int;
  wr_bytes: Int;
  zone_append_bytes: Int;
  unmap_bytes: Int;
  rd_operations: Int;
  wr_operations: Int;
  zone_append_operations: Int;
  flush_operations: Int;
  unmap_operations: Int;
  rd_total_time_ns: Int;
  wr_total_time_ns: Int;
  zone_append_total_time_ns: Int;
  flush_total_time_ns: Int;
  unmap_total_time_ns: Int;
  wr_highest_offset: Int;
  rd_merged: Int;
  wr_merged: Int;
  zone_append_merged: Int;
  unmap_merged: Int;
  idle_time_ns?: Int;
  failed_rd_operations: Int;
  failed_wr_operations: Int;
  failed_zone_append_operations: Int;
  failed_flush_operations: Int;
  failed_unmap_operations: Int;
  invalid_rd_operations: Int;
  invalid_wr_operations: Int;
  invalid_zone_append_operations: Int;
  invalid_flush_operations: Int;
  invalid_unmap_operations: Int;
  account_invalid: boolean;
  account_failed: boolean;
  timed_stats: BlockDeviceStatsTimedStatsItem[];
  rd_latency_histogram?: BlockLatencyHistogramInfo;
  wr_latency_histogram?: BlockLatencyHistogramInfo;
  zone_append_latency_histogram?: BlockLatencyHistogramInfo;
  flush_latency_histogram?: BlockLatencyHistogramInfo;
}

export interface BlockDeviceStatsTimedStatsItem {
  interval_length: Int;
  min_rd_latency_ns: Int;
  max_rd_latency_ns: Int;
  avg_rd_latency_ns: Int;
  min_wr_latency_ns: Int;
  max_wr_latency_ns: Int;
  avg_wr_latency_ns: Int;
  min_zone_append_latency_ns: Int;
  max_zone_append_latency_ns: Int;
  avg_zone_append_latency_ns: Int;
  min_flush_latency_ns: Int;
  max_flush_latency_ns: Int;
  avg_flush_latency_ns: Int;
  avg_rd_queue_depth: number;
  avg_wr_queue_depth: number;
  avg_zone_append_queue_depth: number;
}

export interface BlockDirtyBitmapAddArguments {
  node: string;
  name: string;
  granularity?: Int;
  persistent?: boolean;
  disabled?: boolean;
}

export interface BlockDirtyBitmapClearArguments {
  node: string;
  name: string;
}

export type BlockDirtyBitmapDisableArguments = BlockDirtyBitmapClearArguments;

export type BlockDirtyBitmapEnableArguments = BlockDirtyBitmapClearArguments;

export interface BlockDirtyBitmapMergeArguments {
  node: string;
  target: string;
  bitmaps: BlockDirtyBitmapOrStr[];
}

export type BlockDirtyBitmapOrStr = string | BlockDirtyBitmapClearArguments;

export type BlockDirtyBitmapRemoveArguments = BlockDirtyBitmapClearArguments;

export interface BlockDirtyInfo {
  name?: string;
  count: Int;
  granularity: Int;
  recording: boolean;
  busy: boolean;
  persistent: boolean;
  inconsistent?: boolean;
}

export type BlockErrorAction =
  | "ignore"
  | "report"
  | "stop";

export type BlockExportAddArguments = BlockExportOptions;

export interface BlockExportDelArguments {
  id: string;
  mode?: BlockExportDelMode;
}

export type BlockExportDelMode =
  | "safe"
  | "hard";

export interface BlockExportDeletedData {
  id: string;
}

export interface BlockExportInfo {
  id: string;
  type: BlockExportType;
  "node-name": string;
  "shutting-down": boolean;
}

export interface BlockExportOptionsBase {
  id: string;
  "fixed-iothread"?: boolean;
  iothread?: string;
  "node-name": string;
  writable?: boolean;
  writethrough?: boolean;
  "allow-inactive"?: boolean;
}

export type BlockExportOptions =
  | ({ type: "nbd" } & BlockExportOptionsBase & BlockExportOptionsNbd)
  | ({ type: "vhost-user-blk" } & BlockExportOptionsBase & BlockExportOptionsVhostUserBlk)
  | ({ type: "fuse" } & BlockExportOptionsBase & BlockExportOptionsFuse)
  | ({ type: "vduse-blk" } & BlockExportOptionsBase & BlockExportOptionsVduseBlk);

export interface BlockExportOptionsFuse {
  mountpoint: string;
  growable?: boolean;
  "allow-other"?: BlockExportOptionsFuseAllowOther;
}

export type BlockExportOptionsFuseAllowOther =
  | "off"
  | "on"
  | "auto";

export interface BlockExportOptionsNbd {
  name?: string;
  description?: string;
  bitmaps?: BlockDirtyBitmapOrStr[];
  "allocation-depth"?: boolean;
}

export interface BlockExportOptionsVduseBlk {
  name: string;
  "num-queues"?: Int;
  "queue-size"?: Int;
  "logical-block-size"?: Int;
  serial?: string;
}

export interface BlockExportOptionsVhostUserBlk {
  addr: SocketAddress;
  "logical-block-size"?: Int;
  "num-queues"?: Int;
}

export type BlockExportType =
  | "nbd"
  | "vhost-user-blk"
  | "fuse"
  | "vduse-blk";

export interface BlockImageCorruptedData {
  device: string;
  "node-name"?: string;
  msg: string;
  offset?: Int;
  size?: Int;
  fatal: boolean;
}

export interface BlockInfo {
  device: string;
  qdev?: string;
  type: string;
  removable: boolean;
  locked: boolean;
  inserted?: BlockDeviceInfo;
  tray_open?: boolean;
  "io-status"?: BlockDeviceIoStatus;
}

export interface BlockIoErrorData {
  "qom-path": string;
  device: string;
  "node-name"?: string;
  operation: IoOperationType;
  action: BlockErrorAction;
  nospace?: boolean;
  reason: string;
}

export interface BlockJobCancelArguments {
  device: string;
  force?: boolean;
}

export interface BlockJobCancelledData {
  type: JobType;
  device: string;
  len: Int;
  offset: Int;
  speed: Int;
}

export interface BlockJobChangeArgumentsBase {
  id: string;
}

export type BlockJobChangeArguments =
  | ({ type: "commit" | "stream" | "backup" | "create" | "amend" | "snapshot-load" | "snapshot-save" | "snapshot-delete" } & BlockJobChangeArgumentsBase)
  | ({ type: "mirror" } & BlockJobChangeArgumentsBase & BlockJobChangeMirror);

export interface BlockJobChangeMirror {
  "copy-mode": MirrorCopyMode;
}

export interface BlockJobCompleteArguments {
  device: string;
}

export interface BlockJobCompletedData {
  type: JobType;
  device: string;
  len: Int;
  offset: Int;
  speed: Int;
  error?: string;
}

export interface BlockJobDismissArguments {
  id: string;
}

export interface BlockJobErrorData {
  device: string;
  operation: IoOperationType;
  action: BlockErrorAction;
}

export interface BlockJobFinalizeArguments {
  id: string;
}

export interface BlockJobInfoBase {
  device: string;
  len: Int;
  offset: Int;
  busy: boolean;
  paused: boolean;
  speed: Int;
  "io-status": BlockDeviceIoStatus;
  ready: boolean;
  status: JobStatus;
  "auto-finalize": boolean;
  "auto-dismiss": boolean;
  error?: string;
}

export type BlockJobInfo =
  | ({ type: "commit" | "stream" | "backup" | "create" | "amend" | "snapshot-load" | "snapshot-save" | "snapshot-delete" } & BlockJobInfoBase)
  | ({ type: "mirror" } & BlockJobInfoBase & BlockJobInfoMirror);

export interface BlockJobInfoMirror {
  "actively-synced": boolean;
}

export interface BlockJobPauseArguments {
  device: string;
}

export interface BlockJobPendingData {
  type: JobType;
  id: string;
}

export interface BlockJobReadyData {
  type: JobType;
  device: string;
  len: Int;
  offset: Int;
  speed: Int;
}

export interface BlockJobResumeArguments {
  device: string;
}

export interface BlockJobSetSpeedArguments {
  device: string;
  speed: Int;
}

export interface BlockLatencyHistogramInfo {
  boundaries: Int[];
  bins: Int[];
}

export interface BlockLatencyHistogramSetArguments {
  id: string;
  boundaries?: Int[];
  "boundaries-read"?: Int[];
  "boundaries-write"?: Int[];
  "boundaries-zap"?: Int[];
  "boundaries-flush"?: Int[];
}

export type BlockPermission =
  | "consistent-read"
  | "write"
  | "write-unchanged"
  | "resize";

export interface BlockResizeArguments {
  device?: string;
  "node-name"?: string;
  size: Int;
}

export interface BlockSetIoThrottleArguments {
  /** @deprecated */
  device?: string;
  id?: string;
  bps: Int;
  bps_rd: Int;
  bps_wr: Int;
  iops: Int;
  iops_rd: Int;
  iops_wr: Int;
  bps_max?: Int;
  bps_rd_max?: Int;
  bps_wr_max?: Int;
  iops_max?: Int;
  iops_rd_max?: Int;
  iops_wr_max?: Int;
  bps_max_length?: Int;
  bps_rd_max_length?: Int;
  bps_wr_max_length?: Int;
  iops_max_length?: Int;
  iops_rd_max_length?: Int;
  iops_wr_max_length?: Int;
  iops_size?: Int;
  group?: string;
}

export interface BlockSetWriteThresholdArguments {
  "node-name": string;
  "write-threshold": Int;
}

export interface BlockStats {
  device?: string;
  qdev?: string;
  "node-name"?: string;
  stats: BlockDeviceStats;
  "driver-specific"?: BlockStatsDriverSpecific;
  parent?: BlockStats;
  backing?: BlockStats;
}

export type BlockStatsDriverSpecific =
  | ({ driver: "blkdebug" | "blklogwrites" | "blkreplay" | "blkverify" | "bochs" | "cloop" | "compress" | "copy-before-write" | "copy-on-read" | "dmg" | "snapshot-access" | "ftp" | "ftps" | "host_cdrom" | "http" | "https" | "iscsi" | "luks" | "nbd" | "nfs" | "null-aio" | "null-co" | "parallels" | "preallocate" | "qcow" | "qcow2" | "qed" | "quorum" | "raw" | "rbd" | "replication" | "ssh" | "throttle" | "vdi" | "vhdx" | "vmdk" | "vpc" | "vvfat" })
  | ({ driver: "file" | "host_device" } & BlockStatsDriverSpecificFile)
  | ({ /** @deprecated */ driver: "gluster" })
  | ({ driver: "nvme" } & BlockStatsDriverSpecificNvme);

export interface BlockStatsDriverSpecificFile {
  "discard-nb-ok": Int;
  "discard-nb-failed": Int;
  "discard-bytes-ok": Int;
}

export interface BlockStatsDriverSpecificNvme {
  "completion-errors": Int;
  "aligned-accesses": Int;
  "unaligned-accesses": Int;
}

export interface BlockStreamArguments {
  "job-id"?: string;
  device: string;
  base?: string;
  "base-node"?: string;
  "backing-file"?: string;
  "backing-mask-protocol"?: boolean;
  bottom?: string;
  speed?: Int;
  "on-error"?: BlockdevOnError;
  "filter-node-name"?: string;
  "auto-finalize"?: boolean;
  "auto-dismiss"?: boolean;
}

export interface BlockWriteThresholdData {
  "node-name": string;
  "amount-exceeded": Int;
  "write-threshold": Int;
}

export type BlockdevAddArguments = BlockdevOptions;

export type BlockdevAioOptions =
  | "threads"
  | "native"
  | "io_uring";

export interface BlockdevBackupArguments {
  "job-id"?: string;
  device: string;
  sync: MirrorSyncMode;
  speed?: Int;
  bitmap?: string;
  "bitmap-mode"?: BitmapSyncMode;
  compress?: boolean;
  "on-source-error"?: BlockdevOnError;
  "on-target-error"?: BlockdevOnError;
  "auto-finalize"?: boolean;
  "auto-dismiss"?: boolean;
  "filter-node-name"?: string;
  "discard-source"?: boolean;
  /** @experimental */
  "x-perf"?: BackupPerf;
  target: string;
}

export interface BlockdevCacheOptions {
  direct?: boolean;
  "no-flush"?: boolean;
}

export interface BlockdevChangeMediumArguments {
  /** @deprecated */
  device?: string;
  id?: string;
  filename: string;
  format?: string;
  force?: boolean;
  "read-only-mode"?: BlockdevChangeMediumReadOnlyMode;
}

export type BlockdevChangeMediumReadOnlyMode =
  | "retain"
  | "read-only"
  | "read-write";

export interface BlockdevCloseTrayArguments {
  /** @deprecated */
  device?: string;
  id?: string;
}

export interface BlockdevCreateArguments {
  "job-id": string;
  options: BlockdevCreateOptions;
}

export type BlockdevCreateOptions =
  | ({ driver: "blkdebug" | "blklogwrites" | "blkreplay" | "blkverify" | "bochs" | "cloop" | "compress" | "copy-before-write" | "copy-on-read" | "dmg" | "snapshot-access" | "ftp" | "ftps" | "host_cdrom" | "host_device" | "http" | "https" | "iscsi" | "nbd" | "null-aio" | "null-co" | "nvme" | "preallocate" | "quorum" | "raw" | "replication" | "throttle" | "vvfat" })
  | ({ driver: "file" } & BlockdevCreateOptionsFile)
  | ({ /** @deprecated */ driver: "gluster" } & BlockdevCreateOptionsGluster)
  | ({ driver: "luks" } & BlockdevCreateOptionsLuks)
  | ({ driver: "nfs" } & BlockdevCreateOptionsNfs)
  | ({ driver: "parallels" } & BlockdevCreateOptionsParallels)
  | ({ driver: "qcow" } & BlockdevCreateOptionsQcow)
  | ({ driver: "qcow2" } & BlockdevCreateOptionsQcow2)
  | ({ driver: "qed" } & BlockdevCreateOptionsQed)
  | ({ driver: "rbd" } & BlockdevCreateOptionsRbd)
  | ({ driver: "ssh" } & BlockdevCreateOptionsSsh)
  | ({ driver: "vdi" } & BlockdevCreateOptionsVdi)
  | ({ driver: "vhdx" } & BlockdevCreateOptionsVhdx)
  | ({ driver: "vmdk" } & BlockdevCreateOptionsVmdk)
  | ({ driver: "vpc" } & BlockdevCreateOptionsVpc);

export interface BlockdevCreateOptionsFile {
  filename: string;
  size: Int;
  preallocation?: PreallocMode;
  nocow?: boolean;
  "extent-size-hint"?: Int;
}

export interface BlockdevCreateOptionsGluster {
  location: BlockdevOptionsGluster;
  size: Int;
  preallocation?: PreallocMode;
}

export interface BlockdevCreateOptionsLuks {
  "key-secret"?: string;
  "cipher-alg"?: QCryptoCipherAlgo;
  "cipher-mode"?: QCryptoCipherMode;
  "ivgen-alg"?: QCryptoIVGenAlgo;
  "ivgen-hash-alg"?: QCryptoHashAlgo;
  "hash-alg"?: QCryptoHashAlgo;
  "iter-time"?: Int;
  file?: BlockdevRef;
  header?: BlockdevRef;
  size: Int;
  preallocation?: PreallocMode;
}

export interface BlockdevCreateOptionsNfs {
  location: BlockdevOptionsNfs;
  size: Int;
}

export interface BlockdevCreateOptionsParallels {
  file: BlockdevRef;
  size: Int;
  "cluster-size"?: Int;
}

export interface BlockdevCreateOptionsQcow {
  file: BlockdevRef;
  size: Int;
  "backing-file"?: string;
  encrypt?: BlockdevCreateOptionsQcowEncrypt;
}

export interface BlockdevCreateOptionsQcow2 {
  file: BlockdevRef;
  "data-file"?: BlockdevRef;
  "data-file-raw"?: boolean;
  "extended-l2"?: boolean;
  size: Int;
  version?: BlockdevCreateOptionsQcow2Version;
  "backing-file"?: string;
  "backing-fmt"?: BlockdevDriver;
  encrypt?: BlockdevCreateOptionsQcowEncrypt;
  "cluster-size"?: Int;
  preallocation?: PreallocMode;
  "lazy-refcounts"?: boolean;
  "refcount-bits"?: Int;
  "compression-type"?: BlockdevCreateOptionsQcow2CompressionType;
}

export type BlockdevCreateOptionsQcow2CompressionType =
  | "zlib"
  | "zstd";

export type BlockdevCreateOptionsQcow2Version =
  | "v2"
  | "v3";

export type BlockdevCreateOptionsQcowEncrypt =
  | ({ format: "qcow" } & BlockdevOptionsQcow2EncryptAes)
  | ({ format: "luks" } & BlockdevCreateOptionsQcowEncryptLuks);

export type BlockdevCreateOptionsQcowEncryptFormat =
  | "qcow"
  | "luks";

export interface BlockdevCreateOptionsQcowEncryptLuks {
  "key-secret"?: string;
  "cipher-alg"?: QCryptoCipherAlgo;
  "cipher-mode"?: QCryptoCipherMode;
  "ivgen-alg"?: QCryptoIVGenAlgo;
  "ivgen-hash-alg"?: QCryptoHashAlgo;
  "hash-alg"?: QCryptoHashAlgo;
  "iter-time"?: Int;
}

export interface BlockdevCreateOptionsQed {
  file: BlockdevRef;
  size: Int;
  "backing-file"?: string;
  "backing-fmt"?: BlockdevDriver;
  "cluster-size"?: Int;
  "table-size"?: Int;
}

export interface BlockdevCreateOptionsRbd {
  location: BlockdevOptionsRbd;
  size: Int;
  "cluster-size"?: Int;
  encrypt?: BlockdevCreateOptionsRbdEncrypt;
}

export type BlockdevCreateOptionsRbdEncrypt =
  | ({ format: "luks" } & BlockdevCreateOptionsRbdEncryptLuks)
  | ({ format: "luks2" } & BlockdevCreateOptionsRbdEncryptLuks2)
  | ({ format: "luks-any" });

export interface BlockdevCreateOptionsRbdEncryptLuks {
  "key-secret": string;
  "cipher-alg"?: QCryptoCipherAlgo;
}

export interface BlockdevCreateOptionsRbdEncryptLuks2 {
  "key-secret": string;
  "cipher-alg"?: QCryptoCipherAlgo;
}

export interface BlockdevCreateOptionsSsh {
  location: BlockdevOptionsSsh;
  size: Int;
}

export interface BlockdevCreateOptionsVdi {
  file: BlockdevRef;
  size: Int;
  preallocation?: PreallocMode;
}

export interface BlockdevCreateOptionsVhdx {
  file: BlockdevRef;
  size: Int;
  "log-size"?: Int;
  "block-size"?: Int;
  subformat?: BlockdevCreateOptionsVhdxSubformat;
  "block-state-zero"?: boolean;
}

export type BlockdevCreateOptionsVhdxSubformat =
  | "dynamic"
  | "fixed";

export interface BlockdevCreateOptionsVmdk {
  file: BlockdevRef;
  size: Int;
  extents?: BlockdevRef[];
  subformat?: BlockdevCreateOptionsVmdkSubformat;
  "backing-file"?: string;
  "adapter-type"?: BlockdevCreateOptionsVmdkAdapterType;
  hwversion?: string;
  toolsversion?: string;
  "zeroed-grain"?: boolean;
}

export type BlockdevCreateOptionsVmdkAdapterType =
  | "ide"
  | "buslogic"
  | "lsilogic"
  | "legacyESX";

export type BlockdevCreateOptionsVmdkSubformat =
  | "monolithicSparse"
  | "monolithicFlat"
  | "twoGbMaxExtentSparse"
  | "twoGbMaxExtentFlat"
  | "streamOptimized";

export interface BlockdevCreateOptionsVpc {
  file: BlockdevRef;
  size: Int;
  subformat?: BlockdevCreateOptionsVpcSubformat;
  "force-size"?: boolean;
}

export type BlockdevCreateOptionsVpcSubformat =
  | "dynamic"
  | "fixed";

export interface BlockdevDelArguments {
  "node-name": string;
}

export type BlockdevDetectZeroesOptions =
  | "off"
  | "on"
  | "unmap";

export type BlockdevDiscardOptions =
  | "ignore"
  | "unmap";

export type BlockdevDriver =
  | "blkdebug"
  | "blklogwrites"
  | "blkreplay"
  | "blkverify"
  | "bochs"
  | "cloop"
  | "compress"
  | "copy-before-write"
  | "copy-on-read"
  | "dmg"
  | "file"
  | "snapshot-access"
  | "ftp"
  | "ftps"
  /** @deprecated */
  | "gluster"
  | "host_cdrom"
  | "host_device"
  | "http"
  | "https"
  | "iscsi"
  | "luks"
  | "nbd"
  | "nfs"
  | "null-aio"
  | "null-co"
  | "nvme"
  | "parallels"
  | "preallocate"
  | "qcow"
  | "qcow2"
  | "qed"
  | "quorum"
  | "raw"
  | "rbd"
  | "replication"
  | "ssh"
  | "throttle"
  | "vdi"
  | "vhdx"
  | "vmdk"
  | "vpc"
  | "vvfat";

export interface BlockdevInsertMediumArguments {
  id: string;
  "node-name": string;
}

export interface BlockdevMirrorArguments {
  "job-id"?: string;
  device: string;
  target: string;
  replaces?: string;
  sync: MirrorSyncMode;
  speed?: Int;
  granularity?: Int;
  "buf-size"?: Int;
  "on-source-error"?: BlockdevOnError;
  "on-target-error"?: BlockdevOnError;
  "filter-node-name"?: string;
  "copy-mode"?: MirrorCopyMode;
  "auto-finalize"?: boolean;
  "auto-dismiss"?: boolean;
}

export type BlockdevOnError =
  | "report"
  | "ignore"
  | "enospc"
  | "stop"
  | "auto";

export interface BlockdevOpenTrayArguments {
  /** @deprecated */
  device?: string;
  id?: string;
  force?: boolean;
}

export interface BlockdevOptionsBase {
  "node-name"?: string;
  discard?: BlockdevDiscardOptions;
  cache?: BlockdevCacheOptions;
  active?: boolean;
  "read-only"?: boolean;
  "auto-read-only"?: boolean;
  "force-share"?: boolean;
  "detect-zeroes"?: BlockdevDetectZeroesOptions;
}

export type BlockdevOptions =
  | ({ driver: "blkdebug" } & BlockdevOptionsBase & BlockdevOptionsBlkdebug)
  | ({ driver: "blklogwrites" } & BlockdevOptionsBase & BlockdevOptionsBlklogwrites)
  | ({ driver: "blkreplay" } & BlockdevOptionsBase & BlockdevOptionsBlkreplay)
  | ({ driver: "blkverify" } & BlockdevOptionsBase & BlockdevOptionsBlkverify)
  | ({ driver: "bochs" | "cloop" | "compress" | "dmg" | "snapshot-access" | "parallels" | "vdi" | "vhdx" | "vpc" } & BlockdevOptionsBase & BlockdevOptionsBochs)
  | ({ driver: "copy-before-write" } & BlockdevOptionsBase & BlockdevOptionsCopyBeforeWrite)
  | ({ driver: "copy-on-read" } & BlockdevOptionsBase & BlockdevOptionsCopyOnRead)
  | ({ driver: "file" | "host_cdrom" | "host_device" } & BlockdevOptionsBase & BlockdevOptionsFile)
  | ({ driver: "ftp" } & BlockdevOptionsBase & BlockdevOptionsFtp)
  | ({ driver: "ftps" } & BlockdevOptionsBase & BlockdevOptionsFtps)
  | ({ /** @deprecated */ driver: "gluster" } & BlockdevOptionsBase & BlockdevOptionsGluster)
  | ({ driver: "http" } & BlockdevOptionsBase & BlockdevOptionsHttp)
  | ({ driver: "https" } & BlockdevOptionsBase & BlockdevOptionsHttps)
  | ({ driver: "iscsi" } & BlockdevOptionsBase & BlockdevOptionsIscsi)
  | ({ driver: "luks" } & BlockdevOptionsBase & BlockdevOptionsLuks)
  | ({ driver: "nbd" } & BlockdevOptionsBase & BlockdevOptionsNbd)
  | ({ driver: "nfs" } & BlockdevOptionsBase & BlockdevOptionsNfs)
  | ({ driver: "null-aio" | "null-co" } & BlockdevOptionsBase & BlockdevOptionsNullAio)
  | ({ driver: "nvme" } & BlockdevOptionsBase & BlockdevOptionsNvme)
  | ({ driver: "preallocate" } & BlockdevOptionsBase & BlockdevOptionsPreallocate)
  | ({ driver: "qcow" } & BlockdevOptionsBase & BlockdevOptionsQcow)
  | ({ driver: "qcow2" } & BlockdevOptionsBase & BlockdevOptionsQcow2)
  | ({ driver: "qed" | "vmdk" } & BlockdevOptionsBase & BlockdevOptionsQed)
  | ({ driver: "quorum" } & BlockdevOptionsBase & BlockdevOptionsQuorum)
  | ({ driver: "raw" } & BlockdevOptionsBase & BlockdevOptionsRaw)
  | ({ driver: "rbd" } & BlockdevOptionsBase & BlockdevOptionsRbd)
  | ({ driver: "replication" } & BlockdevOptionsBase & BlockdevOptionsReplication)
  | ({ driver: "ssh" } & BlockdevOptionsBase & BlockdevOptionsSsh)
  | ({ driver: "throttle" } & BlockdevOptionsBase & BlockdevOptionsThrottle)
  | ({ driver: "vvfat" } & BlockdevOptionsBase & BlockdevOptionsVvfat);

export interface BlockdevOptionsBlkdebug {
  image: BlockdevRef;
  config?: string;
  align?: Int;
  "max-transfer"?: Int;
  "opt-write-zero"?: Int;
  "max-write-zero"?: Int;
  "opt-discard"?: Int;
  "max-discard"?: Int;
  "inject-error"?: BlockdevOptionsBlkdebugInjectErrorItem[];
  "set-state"?: BlockdevOptionsBlkdebugSetStateItem[];
  "take-child-perms"?: BlockPermission[];
  "unshare-child-perms"?: BlockPermission[];
}

export interface BlockdevOptionsBlkdebugInjectErrorItem {
  event: BlkdebugEvent;
  state?: Int;
  iotype?: BlockdevOptionsBlkdebugInjectErrorItemIotype;
  errno?: Int;
  sector?: Int;
  once?: boolean;
  immediately?: boolean;
}

export type BlockdevOptionsBlkdebugInjectErrorItemIotype =
  | "read"
  | "write"
  | "write-zeroes"
  | "discard"
  | "flush"
  | "block-status";

export interface BlockdevOptionsBlkdebugSetStateItem {
  event: BlkdebugEvent;
  state?: Int;
  new_state: Int;
}

export interface BlockdevOptionsBlklogwrites {
  file: BlockdevRef;
  log: BlockdevRef;
  "log-sector-size"?: Int;
  "log-append"?: boolean;
  "log-super-update-interval"?: Int;
}

export interface BlockdevOptionsBlkreplay {
  image: BlockdevRef;
}

export interface BlockdevOptionsBlkverify {
  test: BlockdevRef;
  raw: BlockdevRef;
}

export interface BlockdevOptionsBochs {
  file: BlockdevRef;
}

export interface BlockdevOptionsCopyBeforeWrite {
  file: BlockdevRef;
  target: BlockdevRef;
  bitmap?: BlockDirtyBitmapClearArguments;
  "on-cbw-error"?: BlockdevOptionsCopyBeforeWriteOnCbwError;
  "cbw-timeout"?: Int;
  "min-cluster-size"?: Int;
}

export type BlockdevOptionsCopyBeforeWriteOnCbwError =
  | "break-guest-write"
  | "break-snapshot";

export interface BlockdevOptionsCopyOnRead {
  file: BlockdevRef;
  bottom?: string;
}

export interface BlockdevOptionsFile {
  filename: string;
  "pr-manager"?: string;
  locking?: OnOffAuto;
  aio?: BlockdevAioOptions;
  "aio-max-batch"?: Int;
  "drop-cache"?: boolean;
  /** @experimental */
  "x-check-cache-dropped"?: boolean;
}

export interface BlockdevOptionsFtp {
  url: string;
  readahead?: Int;
  timeout?: Int;
  username?: string;
  "password-secret"?: string;
  "proxy-username"?: string;
  "proxy-password-secret"?: string;
}

export interface BlockdevOptionsFtps {
  url: string;
  readahead?: Int;
  timeout?: Int;
  username?: string;
  "password-secret"?: string;
  "proxy-username"?: string;
  "proxy-password-secret"?: string;
  sslverify?: boolean;
}

export interface BlockdevOptionsGluster {
  volume: string;
  path: string;
  server: SocketAddress[];
  debug?: Int;
  logfile?: string;
}

export interface BlockdevOptionsHttp {
  url: string;
  readahead?: Int;
  timeout?: Int;
  username?: string;
  "password-secret"?: string;
  "proxy-username"?: string;
  "proxy-password-secret"?: string;
  cookie?: string;
  "cookie-secret"?: string;
}

export interface BlockdevOptionsHttps {
  url: string;
  readahead?: Int;
  timeout?: Int;
  username?: string;
  "password-secret"?: string;
  "proxy-username"?: string;
  "proxy-password-secret"?: string;
  cookie?: string;
  sslverify?: boolean;
  "cookie-secret"?: string;
}

export interface BlockdevOptionsIscsi {
  transport: BlockdevOptionsIscsiTransport;
  portal: string;
  target: string;
  lun?: Int;
  user?: string;
  "password-secret"?: string;
  "initiator-name"?: string;
  "header-digest"?: BlockdevOptionsIscsiHeaderDigest;
  timeout?: Int;
}

export type BlockdevOptionsIscsiHeaderDigest =
  | "crc32c"
  | "none"
  | "crc32c-none"
  | "none-crc32c";

export type BlockdevOptionsIscsiTransport =
  | "tcp"
  | "iser";

export interface BlockdevOptionsLuks {
  file: BlockdevRef;
  "key-secret"?: string;
  header?: BlockdevRef;
}

export interface BlockdevOptionsNbd {
  server: SocketAddress;
  export?: string;
  "tls-creds"?: string;
  "tls-hostname"?: string;
  /** @experimental */
  "x-dirty-bitmap"?: string;
  "reconnect-delay"?: Int;
  "open-timeout"?: Int;
}

export interface BlockdevOptionsNfs {
  server: BlockdevOptionsNfsServer;
  path: string;
  user?: Int;
  group?: Int;
  "tcp-syn-count"?: Int;
  "readahead-size"?: Int;
  "page-cache-size"?: Int;
  debug?: Int;
}

export interface BlockdevOptionsNfsServer {
  type: BlockdevOptionsNfsServerType;
  host: string;
}

export type BlockdevOptionsNfsServerType =
  | "inet";

export interface BlockdevOptionsNullAio {
  size?: Int;
  "latency-ns"?: Int;
  "read-zeroes"?: boolean;
}

export interface BlockdevOptionsNvme {
  device: string;
  namespace: Int;
}

export interface BlockdevOptionsPreallocate {
  file: BlockdevRef;
  "prealloc-align"?: Int;
  "prealloc-size"?: Int;
}

export interface BlockdevOptionsQcow {
  file: BlockdevRef;
  backing?: BlockdevRefOrNull;
  encrypt?: BlockdevOptionsQcowEncrypt;
}

export interface BlockdevOptionsQcow2 {
  file: BlockdevRef;
  backing?: BlockdevRefOrNull;
  "lazy-refcounts"?: boolean;
  "pass-discard-request"?: boolean;
  "pass-discard-snapshot"?: boolean;
  "pass-discard-other"?: boolean;
  "discard-no-unref"?: boolean;
  "overlap-check"?: BlockdevOptionsQcow2OverlapCheck;
  "cache-size"?: Int;
  "l2-cache-size"?: Int;
  "l2-cache-entry-size"?: Int;
  "refcount-cache-size"?: Int;
  "cache-clean-interval"?: Int;
  encrypt?: BlockdevOptionsQcow2Encrypt;
  "data-file"?: BlockdevRef;
}

export type BlockdevOptionsQcow2Encrypt =
  | ({ format: "aes" } & BlockdevOptionsQcow2EncryptAes)
  | ({ format: "luks" } & BlockdevOptionsQcow2EncryptLuks);

export interface BlockdevOptionsQcow2EncryptAes {
  "key-secret"?: string;
}

export type BlockdevOptionsQcow2EncryptFormat =
  | "aes"
  | "luks";

export interface BlockdevOptionsQcow2EncryptLuks {
  "key-secret"?: string;
}

export type BlockdevOptionsQcow2OverlapCheck = BlockdevOptionsQcow2OverlapCheckObject | BlockdevOptionsQcow2OverlapCheckValue;

export interface BlockdevOptionsQcow2OverlapCheckObject {
  template?: BlockdevOptionsQcow2OverlapCheckValue;
  "main-header"?: boolean;
  "active-l1"?: boolean;
  "active-l2"?: boolean;
  "refcount-table"?: boolean;
  "refcount-block"?: boolean;
  "snapshot-table"?: boolean;
  "inactive-l1"?: boolean;
  "inactive-l2"?: boolean;
  "bitmap-directory"?: boolean;
}

export type BlockdevOptionsQcow2OverlapCheckValue =
  | "none"
  | "constant"
  | "cached"
  | "all";

export type BlockdevOptionsQcowEncrypt =
  | ({ format: "aes" } & BlockdevOptionsQcow2EncryptAes);

export type BlockdevOptionsQcowEncryptFormat =
  | "aes";

export interface BlockdevOptionsQed {
  file: BlockdevRef;
  backing?: BlockdevRefOrNull;
}

export interface BlockdevOptionsQuorum {
  blkverify?: boolean;
  children: BlockdevRef[];
  "vote-threshold": Int;
  "rewrite-corrupted"?: boolean;
  "read-pattern"?: BlockdevOptionsQuorumReadPattern;
}

export type BlockdevOptionsQuorumReadPattern =
  | "quorum"
  | "fifo";

export interface BlockdevOptionsRaw {
  file: BlockdevRef;
  offset?: Int;
  size?: Int;
}

export interface BlockdevOptionsRbd {
  pool: string;
  namespace?: string;
  image: string;
  conf?: string;
  snapshot?: string;
  encrypt?: BlockdevOptionsRbdEncrypt;
  user?: string;
  "auth-client-required"?: BlockdevOptionsRbdAuthClientRequiredItem[];
  "key-secret"?: string;
  server?: BlockdevOptionsRbdServerItem[];
}

export type BlockdevOptionsRbdAuthClientRequiredItem =
  | "cephx"
  | "none";

export interface BlockdevOptionsRbdEncryptBase {
  parent?: BlockdevOptionsRbdEncrypt;
}

export type BlockdevOptionsRbdEncrypt =
  | ({ format: "luks" } & BlockdevOptionsRbdEncryptBase & BlockdevOptionsRbdEncryptLuks)
  | ({ format: "luks2" } & BlockdevOptionsRbdEncryptBase & BlockdevOptionsRbdEncryptLuks2)
  | ({ format: "luks-any" } & BlockdevOptionsRbdEncryptBase & BlockdevOptionsRbdEncryptLuksAny);

export type BlockdevOptionsRbdEncryptFormat =
  | "luks"
  | "luks2"
  | "luks-any";

export interface BlockdevOptionsRbdEncryptLuks {
  "key-secret": string;
}

export interface BlockdevOptionsRbdEncryptLuks2 {
  "key-secret": string;
}

export interface BlockdevOptionsRbdEncryptLuksAny {
  "key-secret": string;
}

export interface BlockdevOptionsRbdServerItem {
  host: string;
  port: string;
}

export interface BlockdevOptionsReplication {
  file: BlockdevRef;
  mode: BlockdevOptionsReplicationMode;
  "top-id"?: string;
}

export type BlockdevOptionsReplicationMode =
  | "primary"
  | "secondary";

export interface BlockdevOptionsSsh {
  server: InetSocketAddress;
  path: string;
  user?: string;
  "host-key-check"?: BlockdevOptionsSshHostKeyCheck;
}

export type BlockdevOptionsSshHostKeyCheck =
  | ({ mode: "none" | "known_hosts" })
  | ({ mode: "hash" } & BlockdevOptionsSshHostKeyCheckHash);

export interface BlockdevOptionsSshHostKeyCheckHash {
  type: BlockdevOptionsSshHostKeyCheckHashType;
  hash: string;
}

export type BlockdevOptionsSshHostKeyCheckHashType =
  | "md5"
  | "sha1"
  | "sha256";

export type BlockdevOptionsSshHostKeyCheckMode =
  | "none"
  | "hash"
  | "known_hosts";

export interface BlockdevOptionsThrottle {
  "throttle-group": string;
  file: BlockdevRef;
}

export interface BlockdevOptionsVvfat {
  dir: string;
  "fat-type"?: Int;
  floppy?: boolean;
  label?: string;
  rw?: boolean;
}

export type BlockdevRef = BlockdevOptions | string;

export type BlockdevRefOrNull = BlockdevOptions | string | null;

export interface BlockdevRemoveMediumArguments {
  id: string;
}

export interface BlockdevReopenArguments {
  options: BlockdevOptions[];
}

export interface BlockdevSetActiveArguments {
  "node-name"?: string;
  active: boolean;
}

export interface BlockdevSnapshotArguments {
  node: string;
  overlay: string;
}

export interface BlockdevSnapshotDeleteInternalSyncArguments {
  device: string;
  id?: string;
  name?: string;
}

export interface BlockdevSnapshotDeleteInternalSyncReturn {
  id: string;
  name: string;
  "vm-state-size": Int;
  "date-sec": Int;
  "date-nsec": Int;
  "vm-clock-sec": Int;
  "vm-clock-nsec": Int;
  icount?: Int;
}

export interface BlockdevSnapshotInternalSyncArguments {
  device: string;
  name: string;
}

export interface BlockdevSnapshotSyncArguments {
  device?: string;
  "node-name"?: string;
  "snapshot-file": string;
  "snapshot-node-name"?: string;
  format?: string;
  mode?: NewImageMode;
}

export interface CalcDirtyRateArguments {
  "calc-time": Int;
  "calc-time-unit"?: CalcDirtyRateCalcTimeUnit;
  "sample-pages"?: Int;
  mode?: CalcDirtyRateMode;
}

export type CalcDirtyRateCalcTimeUnit =
  | "second"
  | "millisecond";

export type CalcDirtyRateMode =
  | "page-sampling"
  | "dirty-ring"
  | "dirty-bitmap";

export interface CancelVcpuDirtyLimitArguments {
  "cpu-index"?: Int;
}

export interface ChangeBackingFileArguments {
  device: string;
  "image-node-name": string;
  "backing-file": string;
}

export interface ChangeVncPasswordArguments {
  password: string;
}

export interface ChardevAddArguments {
  id: string;
  backend: ChardevBackend;
}

export interface ChardevAddReturn {
  pty?: string;
}

export type ChardevBackend =
  | ({ type: "file" } & ChardevBackendFile)
  | ({ type: "serial" | "parallel" | "pipe" } & ChardevBackendSerial)
  | ({ type: "socket" } & ChardevBackendSocket)
  | ({ type: "udp" } & ChardevBackendUdp)
  | ({ type: "pty" } & ChardevBackendPty)
  | ({ type: "null" | "msmouse" | "wctablet" | "braille" | "testdev" } & ChardevBackendNull)
  | ({ type: "mux" } & ChardevBackendMux)
  | ({ type: "hub" } & ChardevBackendHub)
  | ({ type: "stdio" } & ChardevBackendStdio)
  | ({ type: "spicevmc" } & ChardevBackendSpicevmc)
  | ({ type: "spiceport" } & ChardevBackendSpiceport)
  | ({ type: "qemu-vdagent" } & ChardevBackendQemuVdagent)
  | ({ type: "dbus" } & ChardevBackendDbus)
  | ({ type: "vc" } & ChardevBackendVc)
  | ({ type: "ringbuf" } & ChardevBackendRingbuf)
  | ({ /** @deprecated */ type: "memory" } & ChardevBackendRingbuf);

export interface ChardevBackendDbus {
  data: ChardevBackendDbusData;
}

export interface ChardevBackendDbusData {
  logfile?: string;
  logappend?: boolean;
  name: string;
}

export interface ChardevBackendFile {
  data: ChardevBackendFileData;
}

export interface ChardevBackendFileData {
  logfile?: string;
  logappend?: boolean;
  in?: string;
  out: string;
  append?: boolean;
}

export interface ChardevBackendHub {
  data: ChardevBackendHubData;
}

export interface ChardevBackendHubData {
  logfile?: string;
  logappend?: boolean;
  chardevs: string[];
}

export interface ChardevBackendMux {
  data: ChardevBackendMuxData;
}

export interface ChardevBackendMuxData {
  logfile?: string;
  logappend?: boolean;
  chardev: string;
}

export interface ChardevBackendNull {
  data: ChardevBackendNullData;
}

export interface ChardevBackendNullData {
  logfile?: string;
  logappend?: boolean;
}

export interface ChardevBackendPty {
  data: ChardevBackendPtyData;
}

export interface ChardevBackendPtyData {
  logfile?: string;
  logappend?: boolean;
  path?: string;
}

export interface ChardevBackendQemuVdagent {
  data: ChardevBackendQemuVdagentData;
}

export interface ChardevBackendQemuVdagentData {
  logfile?: string;
  logappend?: boolean;
  mouse?: boolean;
  clipboard?: boolean;
}

export interface ChardevBackendRingbuf {
  data: ChardevBackendRingbufData;
}

export interface ChardevBackendRingbufData {
  logfile?: string;
  logappend?: boolean;
  size?: Int;
}

export interface ChardevBackendSerial {
  data: ChardevBackendSerialData;
}

export interface ChardevBackendSerialData {
  logfile?: string;
  logappend?: boolean;
  device: string;
}

export interface ChardevBackendSocket {
  data: ChardevBackendSocketData;
}

export interface ChardevBackendSocketData {
  logfile?: string;
  logappend?: boolean;
  addr: SocketAddressLegacy;
  "tls-creds"?: string;
  "tls-authz"?: string;
  server?: boolean;
  wait?: boolean;
  nodelay?: boolean;
  telnet?: boolean;
  tn3270?: boolean;
  websocket?: boolean;
  /** @deprecated */
  reconnect?: Int;
  "reconnect-ms"?: Int;
}

export interface ChardevBackendSpiceport {
  data: ChardevBackendSpiceportData;
}

export interface ChardevBackendSpiceportData {
  logfile?: string;
  logappend?: boolean;
  fqdn: string;
}

export interface ChardevBackendSpicevmc {
  data: ChardevBackendSpicevmcData;
}

export interface ChardevBackendSpicevmcData {
  logfile?: string;
  logappend?: boolean;
  type: string;
}

export interface ChardevBackendStdio {
  data: ChardevBackendStdioData;
}

export interface ChardevBackendStdioData {
  logfile?: string;
  logappend?: boolean;
  signal?: boolean;
}

export type ChardevBackendType =
  | "file"
  | "serial"
  | "parallel"
  | "pipe"
  | "socket"
  | "udp"
  | "pty"
  | "null"
  | "mux"
  | "hub"
  | "msmouse"
  | "wctablet"
  | "braille"
  | "testdev"
  | "stdio"
  | "spicevmc"
  | "spiceport"
  | "qemu-vdagent"
  | "dbus"
  | "vc"
  | "ringbuf"
  /** @deprecated */
  | "memory";

export interface ChardevBackendUdp {
  data: ChardevBackendUdpData;
}

export interface ChardevBackendUdpData {
  logfile?: string;
  logappend?: boolean;
  remote: SocketAddressLegacy;
  local?: SocketAddressLegacy;
}

export interface ChardevBackendVc {
  data: ChardevBackendVcData;
}

export interface ChardevBackendVcData {
  logfile?: string;
  logappend?: boolean;
  width?: Int;
  height?: Int;
  cols?: Int;
  rows?: Int;
}

export interface ChardevChangeArguments {
  id: string;
  backend: ChardevBackend;
}

export type ChardevChangeReturn = ChardevAddReturn;

export interface ChardevInfo {
  label: string;
  filename: string;
  "frontend-open": boolean;
}

export interface ChardevRemoveArguments {
  id: string;
}

export interface ChardevSendBreakArguments {
  id: string;
}

export interface ClientMigrateInfoArguments {
  protocol: string;
  hostname: string;
  port?: Int;
  "tls-port"?: Int;
  "cert-subject"?: string;
}

export interface ClosefdArguments {
  fdname: string;
}

export interface ColoExitData {
  mode: ColoExitMode;
  reason: ColoExitReason;
}

export type ColoExitMode =
  | "none"
  | "primary"
  | "secondary";

export type ColoExitReason =
  | "none"
  | "request"
  | "error"
  | "processing";

export interface CommandInfo {
  name: string;
}

export interface CommandLineOptionInfo {
  option: string;
  parameters: CommandLineParameterInfo[];
}

export interface CommandLineParameterInfo {
  name: string;
  type: CommandLineParameterInfoType;
  help?: string;
  default?: string;
}

export type CommandLineParameterInfoType =
  | "string"
  | "boolean"
  | "number"
  | "size";

export interface CpuDefinitionInfo {
  name: string;
  "migration-safe"?: boolean;
  static: boolean;
  "unavailable-features"?: string[];
  typename: string;
  "alias-of"?: string;
  deprecated: boolean;
}

export interface CpuInfoFastBase {
  "cpu-index": Int;
  "qom-path": string;
  "thread-id": Int;
  props?: CpuInstanceProperties;
}

export type CpuInfoFast =
  | ({ target: "aarch64" | "alpha" | "arm" | "avr" | "hppa" | "i386" | "loongarch64" | "m68k" | "microblaze" | "microblazeel" | "mips" | "mips64" | "mips64el" | "mipsel" | "or1k" | "ppc" | "ppc64" | "riscv32" | "riscv64" | "rx" | "sh4" | "sh4eb" | "sparc" | "sparc64" | "tricore" | "x86_64" | "xtensa" | "xtensaeb" } & CpuInfoFastBase)
  | ({ target: "s390x" } & CpuInfoFastBase & CpuInfoFastS390x);

export interface CpuInfoFastS390x {
  "cpu-state": CpuInfoFastS390xCpuState;
  dedicated?: boolean;
  entitlement?: CpuInfoFastS390xEntitlement;
}

export type CpuInfoFastS390xCpuState =
  | "uninitialized"
  | "stopped"
  | "check-stop"
  | "operating"
  | "load";

export type CpuInfoFastS390xEntitlement =
  | "auto"
  | "low"
  | "medium"
  | "high";

export type CpuInfoFastTarget =
  | "aarch64"
  | "alpha"
  | "arm"
  | "avr"
  | "hppa"
  | "i386"
  | "loongarch64"
  | "m68k"
  | "microblaze"
  | "microblazeel"
  | "mips"
  | "mips64"
  | "mips64el"
  | "mipsel"
  | "or1k"
  | "ppc"
  | "ppc64"
  | "riscv32"
  | "riscv64"
  | "rx"
  | "s390x"
  | "sh4"
  | "sh4eb"
  | "sparc"
  | "sparc64"
  | "tricore"
  | "x86_64"
  | "xtensa"
  | "xtensaeb";

export interface CpuInstanceProperties {
  "node-id"?: Int;
  "drawer-id"?: Int;
  "book-id"?: Int;
  "socket-id"?: Int;
  "die-id"?: Int;
  "cluster-id"?: Int;
  "module-id"?: Int;
  "core-id"?: Int;
  "thread-id"?: Int;
}

export interface CpuModelInfo {
  name: string;
  props?: any;
}

export interface CxlAddDynamicCapacityArguments {
  path: string;
  "host-id": Int;
  "selection-policy": CxlAddDynamicCapacitySelectionPolicy;
  region: Int;
  tag?: string;
  extents: CxlAddDynamicCapacityExtentsItem[];
}

export interface CxlAddDynamicCapacityExtentsItem {
  offset: Int;
  len: Int;
}

export type CxlAddDynamicCapacitySelectionPolicy =
  | "free"
  | "contiguous"
  | "prescriptive"
  | "enable-shared-access";

export interface CxlInjectCorrectableErrorArguments {
  path: string;
  type: CxlInjectCorrectableErrorType;
}

export type CxlInjectCorrectableErrorType =
  | "cache-data-ecc"
  | "mem-data-ecc"
  | "crc-threshold"
  | "retry-threshold"
  | "cache-poison-received"
  | "mem-poison-received"
  | "physical";

export interface CxlInjectDramEventArguments {
  path: string;
  log: CxlInjectDramEventLog;
  flags: Int;
  dpa: Int;
  descriptor: Int;
  type: Int;
  "transaction-type": Int;
  channel?: Int;
  rank?: Int;
  "nibble-mask"?: Int;
  "bank-group"?: Int;
  bank?: Int;
  row?: Int;
  column?: Int;
  "correction-mask"?: Int[];
}

export type CxlInjectDramEventLog =
  | "informational"
  | "warning"
  | "failure"
  | "fatal";

export interface CxlInjectGeneralMediaEventArguments {
  path: string;
  log: CxlInjectDramEventLog;
  flags: Int;
  dpa: Int;
  descriptor: Int;
  type: Int;
  "transaction-type": Int;
  channel?: Int;
  rank?: Int;
  device?: Int;
  "component-id"?: string;
}

export interface CxlInjectMemoryModuleEventArguments {
  path: string;
  log: CxlInjectDramEventLog;
  flags: Int;
  type: Int;
  "health-status": Int;
  "media-status": Int;
  "additional-status": Int;
  "life-used": Int;
  temperature: Int;
  "dirty-shutdown-count": Int;
  "corrected-volatile-error-count": Int;
  "corrected-persistent-error-count": Int;
}

export interface CxlInjectPoisonArguments {
  path: string;
  start: Int;
  length: Int;
}

export interface CxlInjectUncorrectableErrorsArguments {
  path: string;
  errors: CxlInjectUncorrectableErrorsErrorsItem[];
}

export interface CxlInjectUncorrectableErrorsErrorsItem {
  type: CxlInjectUncorrectableErrorsErrorsItemType;
  header: Int[];
}

export type CxlInjectUncorrectableErrorsErrorsItemType =
  | "cache-data-parity"
  | "cache-address-parity"
  | "cache-be-parity"
  | "cache-data-ecc"
  | "mem-data-parity"
  | "mem-address-parity"
  | "mem-be-parity"
  | "mem-data-ecc"
  | "reinit-threshold"
  | "rsvd-encoding"
  | "poison-received"
  | "receiver-overflow"
  | "internal"
  | "cxl-ide-tx"
  | "cxl-ide-rx";

export interface CxlReleaseDynamicCapacityArguments {
  path: string;
  "host-id": Int;
  "removal-policy": CxlReleaseDynamicCapacityRemovalPolicy;
  "forced-removal"?: boolean;
  "sanitize-on-release"?: boolean;
  region: Int;
  tag?: string;
  extents: CxlAddDynamicCapacityExtentsItem[];
}

export type CxlReleaseDynamicCapacityRemovalPolicy =
  | "tag-based"
  | "prescriptive";

export interface DeviceAddArguments {
  driver: string;
  bus?: string;
  id?: string;
  /** A property, which no schema tells of. */
  [property: string]: any;
}

export interface DeviceDelArguments {
  id: string;
}

export interface DeviceDeletedData {
  device?: string;
  path: string;
}

export interface DeviceListPropertiesArguments {
  typename: string;
}

export type DeviceListPropertiesReturn = ObjectPropertyInfo[];

export interface DeviceSyncConfigArguments {
  id: string;
}

export interface DeviceTrayMovedData {
  device: string;
  id: string;
  "tray-open": boolean;
}

export interface DeviceUnplugGuestErrorData {
  device?: string;
  path: string;
}

export interface DisplayOptionsBase {
  "full-screen"?: boolean;
  "window-close"?: boolean;
  "show-cursor"?: boolean;
  gl?: DisplayOptionsGl;
}

export type DisplayOptions =
  | ({ type: "default" | "none" | "spice-app" } & DisplayOptionsBase)
  | ({ type: "gtk" } & DisplayOptionsBase & DisplayOptionsGtk)
  | ({ type: "sdl" } & DisplayOptionsBase & DisplayOptionsSdl)
  | ({ type: "egl-headless" } & DisplayOptionsBase & DisplayOptionsEglHeadless)
  | ({ type: "curses" } & DisplayOptionsBase & DisplayOptionsCurses)
  | ({ type: "dbus" } & DisplayOptionsBase & DisplayOptionsDbus);

export interface DisplayOptionsCurses {
  charset?: string;
}

export interface DisplayOptionsDbus {
  rendernode?: string;
  addr?: string;
  p2p?: boolean;
  audiodev?: string;
}

export interface DisplayOptionsEglHeadless {
  rendernode?: string;
}

export type DisplayOptionsGl =
  | "off"
  | "on"
  | "core"
  | "es";

export interface DisplayOptionsGtk {
  "grab-on-hover"?: boolean;
  "zoom-to-fit"?: boolean;
  "show-tabs"?: boolean;
  "show-menubar"?: boolean;
}

export interface DisplayOptionsSdl {
  "grab-mod"?: DisplayOptionsSdlGrabMod;
}

export type DisplayOptionsSdlGrabMod =
  | "lctrl-lalt"
  | "lshift-lctrl-lalt"
  | "rctrl";

export type DisplayOptionsType =
  | "default"
  | "none"
  | "gtk"
  | "sdl"
  | "egl-headless"
  | "curses"
  | "spice-app"
  | "dbus";

export type DisplayReloadArguments =
  | ({ type: "vnc" } & DisplayReloadVnc);

export type DisplayReloadType =
  | "vnc";

export interface DisplayReloadVnc {
  "tls-certs"?: boolean;
}

export type DisplayUpdateArguments =
  | ({ type: "vnc" } & DisplayUpdateVnc);

export type DisplayUpdateType =
  | "vnc";

export interface DisplayUpdateVnc {
  addresses?: SocketAddress[];
}

export interface DriveBackupArguments {
  "job-id"?: string;
  device: string;
  sync: MirrorSyncMode;
  speed?: Int;
  bitmap?: string;
  "bitmap-mode"?: BitmapSyncMode;
  compress?: boolean;
  "on-source-error"?: BlockdevOnError;
  "on-target-error"?: BlockdevOnError;
  "auto-finalize"?: boolean;
  "auto-dismiss"?: boolean;
  "filter-node-name"?: string;
  "discard-source"?: boolean;
  /** @experimental */
  "x-perf"?: BackupPerf;
  target: string;
  format?: string;
  mode?: NewImageMode;
}

export interface DriveMirrorArguments {
  "job-id"?: string;
  device: string;
  target: string;
  format?: string;
  "node-name"?: string;
  replaces?: string;
  sync: MirrorSyncMode;
  mode?: NewImageMode;
  speed?: Int;
  granularity?: Int;
  "buf-size"?: Int;
  "on-source-error"?: BlockdevOnError;
  "on-target-error"?: BlockdevOnError;
  unmap?: boolean;
  "copy-mode"?: MirrorCopyMode;
  "auto-finalize"?: boolean;
  "auto-dismiss"?: boolean;
}

export interface DumpCompletedData {
  result: QueryDumpReturn;
  error?: string;
}

export interface DumpGuestMemoryArguments {
  paging: boolean;
  protocol: string;
  detach?: boolean;
  begin?: Int;
  length?: Int;
  format?: DumpGuestMemoryFormat;
}

export type DumpGuestMemoryFormat =
  | "elf"
  | "kdump-zlib"
  | "kdump-lzo"
  | "kdump-snappy"
  | "kdump-raw-zlib"
  | "kdump-raw-lzo"
  | "kdump-raw-snappy"
  | "win-dmp";

export interface DumpdtbArguments {
  filename: string;
}

export interface EjectArguments {
  /** @deprecated */
  device?: string;
  id?: string;
  force?: boolean;
}

export interface ExpirePasswordArgumentsBase {
  time: string;
}

export type ExpirePasswordArguments =
  | ({ protocol: "vnc" } & ExpirePasswordArgumentsBase & ExpirePasswordVnc)
  | ({ protocol: "spice" } & ExpirePasswordArgumentsBase);

export type ExpirePasswordProtocol =
  | "vnc"
  | "spice";

export interface ExpirePasswordVnc {
  display?: string;
}

export interface FailoverNegotiatedData {
  "device-id": string;
}

export interface FdsetInfo {
  "fdset-id": Int;
  fds: FdsetInfoFdsItem[];
}

export interface FdsetInfoFdsItem {
  fd: Int;
  opaque?: string;
}

export interface GetfdArguments {
  fdname: string;
}

export interface GuestCrashloadedData {
  action: GuestPanicAction;
  info?: GuestPanicInformation;
}

export type GuestPanicAction =
  | "pause"
  | "poweroff"
  | "run";

export type GuestPanicInformation =
  | ({ type: "hyper-v" } & GuestPanicInformationHyperV)
  | ({ type: "s390" } & GuestPanicInformationS390);

export interface GuestPanicInformationHyperV {
  arg1: Int;
  arg2: Int;
  arg3: Int;
  arg4: Int;
  arg5: Int;
}

export interface GuestPanicInformationS390 {
  core: Int;
  "psw-mask": Int;
  "psw-addr": Int;
  reason: GuestPanicInformationS390Reason;
}

export type GuestPanicInformationS390Reason =
  | "unknown"
  | "disabled-wait"
  | "extint-loop"
  | "pgmint-loop"
  | "opint-loop";

export type GuestPanicInformationType =
  | "hyper-v"
  | "s390";

export interface GuestPanickedData {
  action: GuestPanicAction;
  info?: GuestPanicInformation;
}

export type HostMemPolicy =
  | "default"
  | "preferred"
  | "bind"
  | "interleave";

export interface HotpluggableCPU {
  type: string;
  "vcpus-count": Int;
  props: CpuInstanceProperties;
  "qom-path"?: string;
}

export interface HumanMonitorCommandArguments {
  "command-line": string;
  "cpu-index"?: Int;
}

export type HumanMonitorCommandReturn = string;

export interface HvBalloonStatusReportData {
  committed: Int;
  available: Int;
}

export interface IOThreadInfo {
  id: string;
  "thread-id": Int;
  "poll-max-ns": Int;
  "poll-grow": Int;
  "poll-shrink": Int;
  "aio-max-batch": Int;
}

export interface ImageInfo {
  filename: string;
  format: string;
  "dirty-flag"?: boolean;
  "actual-size"?: Int;
  "virtual-size": Int;
  "cluster-size"?: Int;
  encrypted?: boolean;
  compressed?: boolean;
  "backing-filename"?: string;
  "full-backing-filename"?: string;
  "backing-filename-format"?: string;
  snapshots?: BlockdevSnapshotDeleteInternalSyncReturn[];
  "format-specific"?: ImageInfoSpecific;
  "backing-image"?: ImageInfo;
}

export type ImageInfoSpecific =
  | ({ type: "qcow2" } & ImageInfoSpecificQcow2)
  | ({ type: "vmdk" } & ImageInfoSpecificVmdk)
  | ({ type: "luks" } & ImageInfoSpecificLuks)
  | ({ type: "rbd" } & ImageInfoSpecificRbd)
  | ({ type: "file" } & ImageInfoSpecificFile);

export interface ImageInfoSpecificFile {
  data: ImageInfoSpecificFileData;
}

export interface ImageInfoSpecificFileData {
  "extent-size-hint"?: Int;
}

export interface ImageInfoSpecificLuks {
  data: ImageInfoSpecificLuksData;
}

export interface ImageInfoSpecificLuksData {
  "cipher-alg": QCryptoCipherAlgo;
  "cipher-mode": QCryptoCipherMode;
  "ivgen-alg": QCryptoIVGenAlgo;
  "ivgen-hash-alg"?: QCryptoHashAlgo;
  "hash-alg": QCryptoHashAlgo;
  "detached-header": boolean;
  "payload-offset": Int;
  "master-key-iters": Int;
  uuid: string;
  slots: ImageInfoSpecificLuksDataSlotsItem[];
}

export interface ImageInfoSpecificLuksDataSlotsItem {
  active: boolean;
  iters?: Int;
  stripes?: Int;
  "key-offset": Int;
}

export interface ImageInfoSpecificQcow2 {
  data: ImageInfoSpecificQcow2Data;
}

export interface ImageInfoSpecificQcow2Data {
  compat: string;
  "data-file"?: string;
  "data-file-raw"?: boolean;
  "extended-l2"?: boolean;
  "lazy-refcounts"?: boolean;
  corrupt?: boolean;
  "refcount-bits": Int;
  encrypt?: ImageInfoSpecificQcow2DataEncrypt;
  bitmaps?: ImageInfoSpecificQcow2DataBitmapsItem[];
  "compression-type": BlockdevCreateOptionsQcow2CompressionType;
}

export interface ImageInfoSpecificQcow2DataBitmapsItem {
  name: string;
  granularity: Int;
  flags: ImageInfoSpecificQcow2DataBitmapsItemFlagsItem[];
}

export type ImageInfoSpecificQcow2DataBitmapsItemFlagsItem =
  | "in-use"
  | "auto";

export type ImageInfoSpecificQcow2DataEncrypt =
  | ({ format: "aes" })
  | ({ format: "luks" } & ImageInfoSpecificLuksData);

export interface ImageInfoSpecificRbd {
  data: ImageInfoSpecificRbdData;
}

export interface ImageInfoSpecificRbdData {
  "encryption-format"?: BlockdevOptionsRbdEncryptFormat;
}

export type ImageInfoSpecificType =
  | "qcow2"
  | "vmdk"
  | "luks"
  | "rbd"
  | "file";

export interface ImageInfoSpecificVmdk {
  data: ImageInfoSpecificVmdkData;
}

export interface ImageInfoSpecificVmdkData {
  "create-type": string;
  cid: Int;
  "parent-cid": Int;
  extents: ImageInfoSpecificVmdkDataExtentsItem[];
}

export interface ImageInfoSpecificVmdkDataExtentsItem {
  filename: string;
  format: string;
  "virtual-size": Int;
  "cluster-size"?: Int;
  compressed?: boolean;
}

export interface InetSocketAddress {
  host: string;
  port: string;
  numeric?: boolean;
  to?: Int;
  ipv4?: boolean;
  ipv6?: boolean;
  "keep-alive"?: boolean;
  mptcp?: boolean;
}

export type InputEvent =
  | ({ type: "key" } & InputEventKey)
  | ({ type: "btn" } & InputEventBtn)
  | ({ type: "rel" | "abs" } & InputEventRel)
  | ({ type: "mtt" } & InputEventMtt);

export interface InputEventBtn {
  data: InputEventBtnData;
}

export interface InputEventBtnData {
  button: InputEventBtnDataButton;
  down: boolean;
}

export type InputEventBtnDataButton =
  | "left"
  | "middle"
  | "right"
  | "wheel-up"
  | "wheel-down"
  | "side"
  | "extra"
  | "wheel-left"
  | "wheel-right"
  | "touch";

export interface InputEventKey {
  data: InputEventKeyData;
}

export interface InputEventKeyData {
  key: KeyValue;
  down: boolean;
}

export interface InputEventMtt {
  data: InputEventMttData;
}

export interface InputEventMttData {
  type: InputEventMttDataType;
  slot: Int;
  "tracking-id": Int;
  axis: InputEventRelDataAxis;
  value: Int;
}

export type InputEventMttDataType =
  | "begin"
  | "update"
  | "end"
  | "cancel"
  | "data";

export interface InputEventRel {
  data: InputEventRelData;
}

export interface InputEventRelData {
  axis: InputEventRelDataAxis;
  value: Int;
}

export type InputEventRelDataAxis =
  | "x"
  | "y";

export type InputEventType =
  | "key"
  | "btn"
  | "rel"
  | "abs"
  | "mtt";

export interface InputSendEventArguments {
  device?: string;
  head?: Int;
  events: InputEvent[];
}

export type IoOperationType =
  | "read"
  | "write";

export interface JobCancelArguments {
  id: string;
}

export interface JobCompleteArguments {
  id: string;
}

export interface JobDismissArguments {
  id: string;
}

export interface JobFinalizeArguments {
  id: string;
}

export interface JobInfo {
  id: string;
  type: JobType;
  status: JobStatus;
  "current-progress": Int;
  "total-progress": Int;
  error?: string;
}

export interface JobPauseArguments {
  id: string;
}

export interface JobResumeArguments {
  id: string;
}

export type JobStatus =
  | "undefined"
  | "created"
  | "running"
  | "paused"
  | "ready"
  | "standby"
  | "waiting"
  | "pending"
  | "aborting"
  | "concluded"
  | "null";

export interface JobStatusChangeData {
  id: string;
  status: JobStatus;
}

export type JobType =
  | "commit"
  | "stream"
  | "mirror"
  | "backup"
  | "create"
  | "amend"
  | "snapshot-load"
  | "snapshot-save"
  | "snapshot-delete";

export type KeyValue =
  | ({ type: "number" } & KeyValueNumber)
  | ({ type: "qcode" } & KeyValueQcode);

export interface KeyValueNumber {
  data: Int;
}

export interface KeyValueQcode {
  data: QKeyCode;
}

export type KeyValueType =
  | "number"
  | "qcode";

export interface MachineInfo {
  name: string;
  alias?: string;
  "is-default"?: boolean;
  "cpu-max": Int;
  "hotpluggable-cpus": boolean;
  "numa-mem-supported": boolean;
  deprecated: boolean;
  "default-cpu-type"?: string;
  "default-ram-id"?: string;
  acpi: boolean;
  /** @experimental */
  "compat-props"?: MachineInfoCompatPropsItem[];
}

export interface MachineInfoCompatPropsItem {
  "qom-type": string;
  property: string;
  value: string;
}

export interface Memdev {
  id?: string;
  size: Int;
  merge: boolean;
  dump: boolean;
  prealloc: boolean;
  share: boolean;
  reserve?: boolean;
  "host-nodes": Int[];
  policy: HostMemPolicy;
}

export type MemoryDeviceInfo =
  | ({ type: "dimm" | "nvdimm" } & MemoryDeviceInfoDimm)
  | ({ type: "virtio-pmem" } & MemoryDeviceInfoVirtioPmem)
  | ({ type: "virtio-mem" } & MemoryDeviceInfoVirtioMem)
  | ({ type: "sgx-epc" } & MemoryDeviceInfoSgxEpc)
  | ({ type: "hv-balloon" } & MemoryDeviceInfoHvBalloon);

export interface MemoryDeviceInfoDimm {
  data: MemoryDeviceInfoDimmData;
}

export interface MemoryDeviceInfoDimmData {
  id?: string;
  addr: Int;
  size: Int;
  slot: Int;
  node: Int;
  memdev: string;
  hotplugged: boolean;
  hotpluggable: boolean;
}

export interface MemoryDeviceInfoHvBalloon {
  data: MemoryDeviceInfoHvBalloonData;
}

export interface MemoryDeviceInfoHvBalloonData {
  id?: string;
  memaddr?: Int;
  "max-size": Int;
  memdev?: string;
}

export interface MemoryDeviceInfoSgxEpc {
  data: MemoryDeviceInfoSgxEpcData;
}

export interface MemoryDeviceInfoSgxEpcData {
  id?: string;
  memaddr: Int;
  size: Int;
  node: Int;
  memdev: string;
}

export type MemoryDeviceInfoType =
  | "dimm"
  | "nvdimm"
  | "virtio-pmem"
  | "virtio-mem"
  | "sgx-epc"
  | "hv-balloon";

export interface MemoryDeviceInfoVirtioMem {
  data: MemoryDeviceInfoVirtioMemData;
}

export interface MemoryDeviceInfoVirtioMemData {
  id?: string;
  memaddr: Int;
  "requested-size": Int;
  size: Int;
  "max-size": Int;
  "block-size": Int;
  node: Int;
  memdev: string;
}

export interface MemoryDeviceInfoVirtioPmem {
  data: MemoryDeviceInfoVirtioPmemData;
}

export interface MemoryDeviceInfoVirtioPmemData {
  id?: string;
  memaddr: Int;
  size: Int;
  memdev: string;
}

export interface MemoryDeviceSizeChangeData {
  id?: string;
  size: Int;
  "qom-path": string;
}

export type MemoryFailureAction =
  | "ignore"
  | "inject"
  | "fatal"
  | "reset";

export interface MemoryFailureData {
  recipient: MemoryFailureRecipient;
  action: MemoryFailureAction;
  flags: MemoryFailureFlags;
}

export interface MemoryFailureFlags {
  "action-required": boolean;
  recursive: boolean;
}

export type MemoryFailureRecipient =
  | "hypervisor"
  | "guest";

export interface MemsaveArguments {
  val: Int;
  size: Int;
  filename: string;
  "cpu-index"?: Int;
}

export type MigMode =
  | "normal"
  | "cpr-reboot"
  | "cpr-transfer";

export interface MigrateArguments {
  uri?: string;
  channels?: MigrationChannel[];
  detach?: boolean;
  resume?: boolean;
}

export interface MigrateContinueArguments {
  state: MigrationStatus;
}

export interface MigrateIncomingArguments {
  uri?: string;
  channels?: MigrationChannel[];
  "exit-on-error"?: boolean;
}

export interface MigrateRecoverArguments {
  uri: string;
}

export interface MigrateSetCapabilitiesArguments {
  capabilities: MigrationCapabilityStatus[];
}

export interface MigrateSetParametersArguments {
  "announce-initial"?: Int;
  "announce-max"?: Int;
  "announce-rounds"?: Int;
  "announce-step"?: Int;
  "throttle-trigger-threshold"?: Int;
  "cpu-throttle-initial"?: Int;
  "cpu-throttle-increment"?: Int;
  "cpu-throttle-tailslow"?: boolean;
  "tls-creds"?: StrOrNull;
  "tls-hostname"?: StrOrNull;
  "tls-authz"?: StrOrNull;
  "max-bandwidth"?: Int;
  "avail-switchover-bandwidth"?: Int;
  "downtime-limit"?: Int;
  /** @experimental */
  "x-checkpoint-delay"?: Int;
  "multifd-channels"?: Int;
  "xbzrle-cache-size"?: Int;
  "max-postcopy-bandwidth"?: Int;
  "max-cpu-throttle"?: Int;
  "multifd-compression"?: MultiFDCompression;
  "multifd-zlib-level"?: Int;
  "multifd-qatzip-level"?: Int;
  "multifd-zstd-level"?: Int;
  "block-bitmap-mapping"?: BitmapMigrationNodeAlias[];
  /** @experimental */
  "x-vcpu-dirty-limit-period"?: Int;
  "vcpu-dirty-limit"?: Int;
  mode?: MigMode;
  "zero-page-detection"?: ZeroPageDetection;
  "direct-io"?: boolean;
}

export type MigrationAddress =
  | ({ transport: "socket" } & SocketAddress)
  | ({ transport: "exec" } & MigrationAddressExec)
  | ({ transport: "rdma" } & InetSocketAddress)
  | ({ transport: "file" } & MigrationAddressFile);

export interface MigrationAddressExec {
  args: string[];
}

export interface MigrationAddressFile {
  filename: string;
  offset: Int;
}

export type MigrationAddressTransport =
  | "socket"
  | "exec"
  | "rdma"
  | "file";

export type MigrationCapability =
  | "xbzrle"
  | "rdma-pin-all"
  | "auto-converge"
  /** @deprecated */
  | "zero-blocks"
  | "events"
  | "postcopy-ram"
  /** @experimental */
  | "x-colo"
  | "release-ram"
  | "return-path"
  | "pause-before-switchover"
  | "multifd"
  | "dirty-bitmaps"
  | "postcopy-blocktime"
  | "late-block-activate"
  /** @experimental */
  | "x-ignore-shared"
  | "validate-uuid"
  | "background-snapshot"
  | "zero-copy-send"
  | "postcopy-preempt"
  | "switchover-ack"
  | "dirty-limit"
  | "mapped-ram";

export interface MigrationCapabilityStatus {
  capability: MigrationCapability;
  state: boolean;
}

export interface MigrationChannel {
  "channel-type": MigrationChannelChannelType;
  addr: MigrationAddress;
}

export type MigrationChannelChannelType =
  | "main"
  | "cpr";

export interface MigrationData {
  status: MigrationStatus;
}

export interface MigrationInfo {
  status?: MigrationStatus;
  ram?: MigrationInfoRam;
  vfio?: MigrationInfoVfio;
  "xbzrle-cache"?: MigrationInfoXbzrleCache;
  "total-time"?: Int;
  "expected-downtime"?: Int;
  downtime?: Int;
  "setup-time"?: Int;
  "cpu-throttle-percentage"?: Int;
  "error-desc"?: string;
  "blocked-reasons"?: string[];
  "postcopy-blocktime"?: Int;
  "postcopy-vcpu-blocktime"?: Int[];
  "socket-address"?: SocketAddress[];
  "dirty-limit-throttle-time-per-round"?: Int;
  "dirty-limit-ring-full-time"?: Int;
}

export interface MigrationInfoRam {
  transferred: Int;
  remaining: Int;
  total: Int;
  duplicate: Int;
  normal: Int;
  "normal-bytes": Int;
  "dirty-pages-rate": Int;
  mbps: number;
  "dirty-sync-count": Int;
  "postcopy-requests": Int;
  "page-size": Int;
  "multifd-bytes": Int;
  "pages-per-second": Int;
  "precopy-bytes": Int;
  "downtime-bytes": Int;
  "postcopy-bytes": Int;
  "dirty-sync-missed-zero-copy": Int;
}

export interface MigrationInfoVfio {
  transferred: Int;
}

export interface MigrationInfoXbzrleCache {
  "cache-size": Int;
  bytes: Int;
  pages: Int;
  "cache-miss": Int;
  "cache-miss-rate": number;
  "encoding-rate": number;
  overflow: Int;
}

export interface MigrationPassData {
  pass: Int;
}

export type MigrationStatus =
  | "none"
  | "setup"
  | "cancelling"
  | "cancelled"
  | "active"
  | "postcopy-active"
  | "postcopy-paused"
  | "postcopy-recover-setup"
  | "postcopy-recover"
  | "completed"
  | "failed"
  | "colo"
  | "pre-switchover"
  | "device"
  | "wait-unplug";

export type MirrorCopyMode =
  | "background"
  | "write-blocking";

export type MirrorSyncMode =
  | "top"
  | "full"
  | "none"
  | "incremental"
  | "bitmap";

export type MultiFDCompression =
  | "none"
  | "zlib"
  | "zstd";

export interface NbdServerAddArguments {
  name?: string;
  description?: string;
  device: string;
  writable?: boolean;
  bitmap?: string;
}

export interface NbdServerRemoveArguments {
  name: string;
  mode?: BlockExportDelMode;
}

export interface NbdServerStartArguments {
  "handshake-max-seconds"?: Int;
  "tls-creds"?: string;
  "tls-authz"?: string;
  "max-connections"?: Int;
  addr: SocketAddressLegacy;
}

export type NetClientDriver =
  | "none"
  | "nic"
  | "user"
  | "tap"
  | "l2tpv3"
  | "socket"
  | "stream"
  | "dgram"
  | "vde"
  | "bridge"
  | "hubport"
  | "netmap"
  | "vhost-user"
  | "vhost-vdpa";

export interface NetdevBase {
  id: string;
}

export type Netdev =
  | ({ type: "none" } & NetdevBase)
  | ({ type: "nic" } & NetdevBase & NetdevNic)
  | ({ type: "user" } & NetdevBase & NetdevUser)
  | ({ type: "tap" } & NetdevBase & NetdevTap)
  | ({ type: "l2tpv3" } & NetdevBase & NetdevL2tpv3)
  | ({ type: "socket" } & NetdevBase & NetdevSocket)
  | ({ type: "stream" } & NetdevBase & NetdevStream)
  | ({ type: "dgram" } & NetdevBase & NetdevDgram)
  | ({ type: "vde" } & NetdevBase & NetdevVde)
  | ({ type: "bridge" } & NetdevBase & NetdevBridge)
  | ({ type: "hubport" } & NetdevBase & NetdevHubport)
  | ({ type: "netmap" } & NetdevBase & NetdevNetmap)
  | ({ type: "vhost-user" } & NetdevBase & NetdevVhostUser)
  | ({ type: "vhost-vdpa" } & NetdevBase & NetdevVhostVdpa);

export type NetdevAddArguments = Netdev;

export interface NetdevBridge {
  br?: string;
  helper?: string;
}

export interface NetdevDelArguments {
  id: string;
}

export interface NetdevDgram {
  local?: SocketAddress;
  remote?: SocketAddress;
}

export interface NetdevHubport {
  hubid: Int;
  netdev?: string;
}

export interface NetdevL2tpv3 {
  src: string;
  dst: string;
  srcport?: string;
  dstport?: string;
  ipv6?: boolean;
  udp?: boolean;
  cookie64?: boolean;
  counter?: boolean;
  pincounter?: boolean;
  txcookie?: Int;
  rxcookie?: Int;
  txsession: Int;
  rxsession?: Int;
  offset?: Int;
}

export interface NetdevNetmap {
  ifname: string;
  devname?: string;
}

export interface NetdevNic {
  netdev?: string;
  macaddr?: string;
  model?: string;
  addr?: string;
  vectors?: Int;
}

export interface NetdevSocket {
  fd?: string;
  listen?: string;
  connect?: string;
  mcast?: string;
  localaddr?: string;
  udp?: string;
}

export interface NetdevStream {
  addr: SocketAddress;
  server?: boolean;
  /** @deprecated */
  reconnect?: Int;
  "reconnect-ms"?: Int;
}

export interface NetdevStreamConnectedData {
  "netdev-id": string;
  addr: SocketAddress;
}

export interface NetdevStreamDisconnectedData {
  "netdev-id": string;
}

export interface NetdevTap {
  ifname?: string;
  fd?: string;
  fds?: string;
  script?: string;
  downscript?: string;
  br?: string;
  helper?: string;
  sndbuf?: Int;
  vnet_hdr?: boolean;
  vhost?: boolean;
  vhostfd?: string;
  vhostfds?: string;
  vhostforce?: boolean;
  queues?: Int;
  "poll-us"?: Int;
}

export interface NetdevUser {
  hostname?: string;
  restrict?: boolean;
  ipv4?: boolean;
  ipv6?: boolean;
  ip?: string;
  net?: string;
  host?: string;
  tftp?: string;
  bootfile?: string;
  dhcpstart?: string;
  dns?: string;
  dnssearch?: NetdevUserDnssearchItem[];
  domainname?: string;
  "ipv6-prefix"?: string;
  "ipv6-prefixlen"?: Int;
  "ipv6-host"?: string;
  "ipv6-dns"?: string;
  smb?: string;
  smbserver?: string;
  hostfwd?: NetdevUserDnssearchItem[];
  guestfwd?: NetdevUserDnssearchItem[];
  "tftp-server-name"?: string;
}

export interface NetdevUserDnssearchItem {
  str: string;
}

export interface NetdevVde {
  sock?: string;
  port?: Int;
  group?: string;
  mode?: Int;
}

export interface NetdevVhostUser {
  chardev: string;
  vhostforce?: boolean;
  queues?: Int;
}

export interface NetdevVhostUserConnectedData {
  "netdev-id": string;
  "chardev-id": string;
}

export interface NetdevVhostUserDisconnectedData {
  "netdev-id": string;
}

export interface NetdevVhostVdpa {
  vhostdev?: string;
  vhostfd?: string;
  queues?: Int;
  /** @experimental */
  "x-svq"?: boolean;
}

export type NetworkAddressFamily =
  | "ipv4"
  | "ipv6"
  | "unix"
  | "vsock"
  | "unknown";

export type NewImageMode =
  | "existing"
  | "absolute-paths";

export interface NicRxFilterChangedData {
  name?: string;
  path: string;
}

export type ObjectAddArguments = ObjectOptions;

export interface ObjectDelArguments {
  id: string;
}

export interface ObjectOptionsBase {
  id: string;
}

export type ObjectOptions =
  | ({ "qom-type": "acpi-generic-initiator" } & ObjectOptionsBase & ObjectOptionsAcpiGenericInitiator)
  | ({ "qom-type": "acpi-generic-port" } & ObjectOptionsBase & ObjectOptionsAcpiGenericPort)
  | ({ "qom-type": "authz-list" } & ObjectOptionsBase & ObjectOptionsAuthzList)
  | ({ "qom-type": "authz-listfile" } & ObjectOptionsBase & ObjectOptionsAuthzListfile)
  | ({ "qom-type": "authz-pam" } & ObjectOptionsBase & ObjectOptionsAuthzPam)
  | ({ "qom-type": "authz-simple" } & ObjectOptionsBase & ObjectOptionsAuthzSimple)
  | ({ "qom-type": "can-bus" | "pef-guest" | "s390-pv-guest" } & ObjectOptionsBase)
  | ({ "qom-type": "can-host-socketcan" } & ObjectOptionsBase & ObjectOptionsCanHostSocketcan)
  | ({ "qom-type": "colo-compare" } & ObjectOptionsBase & ObjectOptionsColoCompare)
  | ({ "qom-type": "cryptodev-backend" | "cryptodev-backend-builtin" | "cryptodev-backend-lkcf" } & ObjectOptionsBase & ObjectOptionsCryptodevBackend)
  | ({ "qom-type": "cryptodev-vhost-user" } & ObjectOptionsBase & ObjectOptionsCryptodevVhostUser)
  | ({ "qom-type": "dbus-vmstate" } & ObjectOptionsBase & ObjectOptionsDbusVmstate)
  | ({ "qom-type": "filter-buffer" } & ObjectOptionsBase & ObjectOptionsFilterBuffer)
  | ({ "qom-type": "filter-dump" } & ObjectOptionsBase & ObjectOptionsFilterDump)
  | ({ "qom-type": "filter-mirror" } & ObjectOptionsBase & ObjectOptionsFilterMirror)
  | ({ "qom-type": "filter-redirector" } & ObjectOptionsBase & ObjectOptionsFilterRedirector)
  | ({ "qom-type": "filter-replay" } & ObjectOptionsBase & ObjectOptionsFilterReplay)
  | ({ "qom-type": "filter-rewriter" } & ObjectOptionsBase & ObjectOptionsFilterRewriter)
  | ({ "qom-type": "input-barrier" } & ObjectOptionsBase & ObjectOptionsInputBarrier)
  | ({ "qom-type": "input-linux" } & ObjectOptionsBase & ObjectOptionsInputLinux)
  | ({ "qom-type": "iommufd" } & ObjectOptionsBase & ObjectOptionsIommufd)
  | ({ "qom-type": "iothread" } & ObjectOptionsBase & ObjectOptionsIothread)
  | ({ "qom-type": "main-loop" } & ObjectOptionsBase & ObjectOptionsMainLoop)
  | ({ "qom-type": "memory-backend-epc" } & ObjectOptionsBase & ObjectOptionsMemoryBackendEpc)
  | ({ "qom-type": "memory-backend-file" } & ObjectOptionsBase & ObjectOptionsMemoryBackendFile)
  | ({ "qom-type": "memory-backend-memfd" } & ObjectOptionsBase & ObjectOptionsMemoryBackendMemfd)
  | ({ "qom-type": "memory-backend-ram" } & ObjectOptionsBase & ObjectOptionsMemoryBackendRam)
  | ({ "qom-type": "memory-backend-shm" } & ObjectOptionsBase & ObjectOptionsMemoryBackendShm)
  | ({ "qom-type": "pr-manager-helper" } & ObjectOptionsBase & ObjectOptionsPrManagerHelper)
  | ({ "qom-type": "qtest" } & ObjectOptionsBase & ObjectOptionsQtest)
  | ({ "qom-type": "rng-builtin" } & ObjectOptionsBase & ObjectOptionsRngBuiltin)
  | ({ "qom-type": "rng-egd" } & ObjectOptionsBase & ObjectOptionsRngEgd)
  | ({ "qom-type": "rng-random" } & ObjectOptionsBase & ObjectOptionsRngRandom)
  | ({ "qom-type": "secret" } & ObjectOptionsBase & ObjectOptionsSecret)
  | ({ "qom-type": "secret_keyring" } & ObjectOptionsBase & ObjectOptionsSecretKeyring)
  | ({ "qom-type": "sev-guest" } & ObjectOptionsBase & ObjectOptionsSevGuest)
  | ({ "qom-type": "sev-snp-guest" } & ObjectOptionsBase & ObjectOptionsSevSnpGuest)
  | ({ "qom-type": "thread-context" } & ObjectOptionsBase & ObjectOptionsThreadContext)
  | ({ "qom-type": "throttle-group" } & ObjectOptionsBase & ObjectOptionsThrottleGroup)
  | ({ "qom-type": "tls-creds-anon" } & ObjectOptionsBase & ObjectOptionsTlsCredsAnon)
  | ({ "qom-type": "tls-creds-psk" } & ObjectOptionsBase & ObjectOptionsTlsCredsPsk)
  | ({ "qom-type": "tls-creds-x509" } & ObjectOptionsBase & ObjectOptionsTlsCredsX509)
  | ({ "qom-type": "tls-cipher-suites" } & ObjectOptionsBase & ObjectOptionsTlsCipherSuites)
  | ({ /** @experimental */ "qom-type": "x-remote-object" } & ObjectOptionsBase & ObjectOptionsXRemoteObject)
  | ({ /** @experimental */ "qom-type": "x-vfio-user-server" } & ObjectOptionsBase & ObjectOptionsXVfioUserServer);

export interface ObjectOptionsAcpiGenericInitiator {
  "pci-dev": string;
  node: Int;
}

export interface ObjectOptionsAcpiGenericPort {
  "pci-bus": string;
  node: Int;
}

export interface ObjectOptionsAuthzList {
  policy?: ObjectOptionsAuthzListPolicy;
  rules?: ObjectOptionsAuthzListRulesItem[];
}

export type ObjectOptionsAuthzListPolicy =
  | "deny"
  | "allow";

export interface ObjectOptionsAuthzListRulesItem {
  match: string;
  policy: ObjectOptionsAuthzListPolicy;
  format?: ObjectOptionsAuthzListRulesItemFormat;
}

export type ObjectOptionsAuthzListRulesItemFormat =
  | "exact"
  | "glob";

export interface ObjectOptionsAuthzListfile {
  filename: string;
  refresh?: boolean;
}

export interface ObjectOptionsAuthzPam {
  service: string;
}

export interface ObjectOptionsAuthzSimple {
  identity: string;
}

export interface ObjectOptionsCanHostSocketcan {
  if: string;
  canbus: string;
}

export interface ObjectOptionsColoCompare {
  primary_in: string;
  secondary_in: string;
  outdev: string;
  iothread: string;
  notify_dev?: string;
  compare_timeout?: Int;
  expired_scan_cycle?: Int;
  max_queue_size?: Int;
  vnet_hdr_support?: boolean;
}

export interface ObjectOptionsCryptodevBackend {
  queues?: Int;
  "throttle-bps"?: Int;
  "throttle-ops"?: Int;
}

export interface ObjectOptionsCryptodevVhostUser {
  queues?: Int;
  "throttle-bps"?: Int;
  "throttle-ops"?: Int;
  chardev: string;
}

export interface ObjectOptionsDbusVmstate {
  addr: string;
  "id-list"?: string;
}

export interface ObjectOptionsFilterBuffer {
  netdev: string;
  queue?: ObjectOptionsFilterBufferQueue;
  status?: string;
  position?: string;
  insert?: ObjectOptionsFilterBufferInsert;
  interval: Int;
}

export type ObjectOptionsFilterBufferInsert =
  | "before"
  | "behind";

export type ObjectOptionsFilterBufferQueue =
  | "all"
  | "rx"
  | "tx";

export interface ObjectOptionsFilterDump {
  netdev: string;
  queue?: ObjectOptionsFilterBufferQueue;
  status?: string;
  position?: string;
  insert?: ObjectOptionsFilterBufferInsert;
  file: string;
  maxlen?: Int;
}

export interface ObjectOptionsFilterMirror {
  netdev: string;
  queue?: ObjectOptionsFilterBufferQueue;
  status?: string;
  position?: string;
  insert?: ObjectOptionsFilterBufferInsert;
  outdev: string;
  vnet_hdr_support?: boolean;
}

export interface ObjectOptionsFilterRedirector {
  netdev: string;
  queue?: ObjectOptionsFilterBufferQueue;
  status?: string;
  position?: string;
  insert?: ObjectOptionsFilterBufferInsert;
  indev?: string;
  outdev?: string;
  vnet_hdr_support?: boolean;
}

export interface ObjectOptionsFilterReplay {
  netdev: string;
  queue?: ObjectOptionsFilterBufferQueue;
  status?: string;
  position?: string;
  insert?: ObjectOptionsFilterBufferInsert;
}

export interface ObjectOptionsFilterRewriter {
  netdev: string;
  queue?: ObjectOptionsFilterBufferQueue;
  status?: string;
  position?: string;
  insert?: ObjectOptionsFilterBufferInsert;
  vnet_hdr_support?: boolean;
}

export interface ObjectOptionsInputBarrier {
  name: string;
  server?: string;
  port?: string;
  "x-origin"?: string;
  "y-origin"?: string;
  width?: string;
  height?: string;
}

export interface ObjectOptionsInputLinux {
  evdev: string;
  grab_all?: boolean;
  repeat?: boolean;
  "grab-toggle"?: ObjectOptionsInputLinuxGrabToggle;
}

export type ObjectOptionsInputLinuxGrabToggle =
  | "ctrl-ctrl"
  | "alt-alt"
  | "shift-shift"
  | "meta-meta"
  | "scrolllock"
  | "ctrl-scrolllock";

export interface ObjectOptionsIommufd {
  fd?: string;
}

export interface ObjectOptionsIothread {
  "aio-max-batch"?: Int;
  "thread-pool-min"?: Int;
  "thread-pool-max"?: Int;
  "poll-max-ns"?: Int;
  "poll-grow"?: Int;
  "poll-shrink"?: Int;
}

export interface ObjectOptionsMainLoop {
  "aio-max-batch"?: Int;
  "thread-pool-min"?: Int;
  "thread-pool-max"?: Int;
}

export interface ObjectOptionsMemoryBackendEpc {
  dump?: boolean;
  "host-nodes"?: Int[];
  merge?: boolean;
  policy?: HostMemPolicy;
  prealloc?: boolean;
  "prealloc-threads"?: Int;
  "prealloc-context"?: string;
  share?: boolean;
  reserve?: boolean;
  size: Int;
  "x-use-canonical-path-for-ramblock-id"?: boolean;
}

export interface ObjectOptionsMemoryBackendFile {
  dump?: boolean;
  "host-nodes"?: Int[];
  merge?: boolean;
  policy?: HostMemPolicy;
  prealloc?: boolean;
  "prealloc-threads"?: Int;
  "prealloc-context"?: string;
  share?: boolean;
  reserve?: boolean;
  size: Int;
  "x-use-canonical-path-for-ramblock-id"?: boolean;
  align?: Int;
  offset?: Int;
  "discard-data"?: boolean;
  "mem-path": string;
  pmem?: boolean;
  readonly?: boolean;
  rom?: OnOffAuto;
}

export interface ObjectOptionsMemoryBackendMemfd {
  dump?: boolean;
  "host-nodes"?: Int[];
  merge?: boolean;
  policy?: HostMemPolicy;
  prealloc?: boolean;
  "prealloc-threads"?: Int;
  "prealloc-context"?: string;
  share?: boolean;
  reserve?: boolean;
  size: Int;
  "x-use-canonical-path-for-ramblock-id"?: boolean;
  hugetlb?: boolean;
  hugetlbsize?: Int;
  seal?: boolean;
}

export interface ObjectOptionsMemoryBackendRam {
  dump?: boolean;
  "host-nodes"?: Int[];
  merge?: boolean;
  policy?: HostMemPolicy;
  prealloc?: boolean;
  "prealloc-threads"?: Int;
  "prealloc-context"?: string;
  share?: boolean;
  reserve?: boolean;
  size: Int;
  "x-use-canonical-path-for-ramblock-id"?: boolean;
}

export interface ObjectOptionsMemoryBackendShm {
  dump?: boolean;
  "host-nodes"?: Int[];
  merge?: boolean;
  policy?: HostMemPolicy;
  prealloc?: boolean;
  "prealloc-threads"?: Int;
  "prealloc-context"?: string;
  share?: boolean;
  reserve?: boolean;
  size: Int;
  "x-use-canonical-path-for-ramblock-id"?: boolean;
}

export interface ObjectOptionsPrManagerHelper {
  path: string;
}

export interface ObjectOptionsQtest {
  chardev: string;
  log?: string;
}

export interface ObjectOptionsRngBuiltin {
  /** @deprecated */
  opened?: boolean;
}

export interface ObjectOptionsRngEgd {
  /** @deprecated */
  opened?: boolean;
  chardev: string;
}

export interface ObjectOptionsRngRandom {
  /** @deprecated */
  opened?: boolean;
  filename?: string;
}

export interface ObjectOptionsSecret {
  format?: ObjectOptionsSecretFormat;
  keyid?: string;
  iv?: string;
  data?: string;
  file?: string;
}

export type ObjectOptionsSecretFormat =
  | "raw"
  | "base64";

export interface ObjectOptionsSecretKeyring {
  format?: ObjectOptionsSecretFormat;
  keyid?: string;
  iv?: string;
  serial: Int;
}

export interface ObjectOptionsSevGuest {
  "sev-device"?: string;
  cbitpos?: Int;
  "reduced-phys-bits": Int;
  "kernel-hashes"?: boolean;
  "dh-cert-file"?: string;
  "session-file"?: string;
  policy?: Int;
  handle?: Int;
  "legacy-vm-type"?: OnOffAuto;
}

export interface ObjectOptionsSevSnpGuest {
  "sev-device"?: string;
  cbitpos?: Int;
  "reduced-phys-bits": Int;
  "kernel-hashes"?: boolean;
  policy?: Int;
  "guest-visible-workarounds"?: string;
  "id-block"?: string;
  "id-auth"?: string;
  "author-key-enabled"?: boolean;
  "host-data"?: string;
  "vcek-disabled"?: boolean;
}

export interface ObjectOptionsThreadContext {
  "cpu-affinity"?: Int[];
  "node-affinity"?: Int[];
}

export interface ObjectOptionsThrottleGroup {
  limits?: ObjectOptionsThrottleGroupLimits;
  /** @experimental */
  "x-iops-total"?: Int;
  /** @experimental */
  "x-iops-total-max"?: Int;
  /** @experimental */
  "x-iops-total-max-length"?: Int;
  /** @experimental */
  "x-iops-read"?: Int;
  /** @experimental */
  "x-iops-read-max"?: Int;
  /** @experimental */
  "x-iops-read-max-length"?: Int;
  /** @experimental */
  "x-iops-write"?: Int;
  /** @experimental */
  "x-iops-write-max"?: Int;
  /** @experimental */
  "x-iops-write-max-length"?: Int;
  /** @experimental */
  "x-bps-total"?: Int;
  /** @experimental */
  "x-bps-total-max"?: Int;
  /** @experimental */
  "x-bps-total-max-length"?: Int;
  /** @experimental */
  "x-bps-read"?: Int;
  /** @experimental */
  "x-bps-read-max"?: Int;
  /** @experimental */
  "x-bps-read-max-length"?: Int;
  /** @experimental */
  "x-bps-write"?: Int;
  /** @experimental */
  "x-bps-write-max"?: Int;
  /** @experimental */
  "x-bps-write-max-length"?: Int;
  /** @experimental */
  "x-iops-size"?: Int;
}

export interface ObjectOptionsThrottleGroupLimits {
  "iops-total"?: Int;
  "iops-total-max"?: Int;
  "iops-total-max-length"?: Int;
  "iops-read"?: Int;
  "iops-read-max"?: Int;
  "iops-read-max-length"?: Int;
  "iops-write"?: Int;
  "iops-write-max"?: Int;
  "iops-write-max-length"?: Int;
  "bps-total"?: Int;
  "bps-total-max"?: Int;
  "bps-total-max-length"?: Int;
  "bps-read"?: Int;
  "bps-read-max"?: Int;
  "bps-read-max-length"?: Int;
  "bps-write"?: Int;
  "bps-write-max"?: Int;
  "bps-write-max-length"?: Int;
  "iops-size"?: Int;
}

export interface ObjectOptionsTlsCipherSuites {
  "verify-peer"?: boolean;
  dir?: string;
  endpoint?: ObjectOptionsTlsCredsAnonEndpoint;
  priority?: string;
}

export interface ObjectOptionsTlsCredsAnon {
  "verify-peer"?: boolean;
  dir?: string;
  endpoint?: ObjectOptionsTlsCredsAnonEndpoint;
  priority?: string;
}

export type ObjectOptionsTlsCredsAnonEndpoint =
  | "client"
  | "server";

export interface ObjectOptionsTlsCredsPsk {
  "verify-peer"?: boolean;
  dir?: string;
  endpoint?: ObjectOptionsTlsCredsAnonEndpoint;
  priority?: string;
  username?: string;
}

export interface ObjectOptionsTlsCredsX509 {
  "verify-peer"?: boolean;
  dir?: string;
  endpoint?: ObjectOptionsTlsCredsAnonEndpoint;
  priority?: string;
  "sanity-check"?: boolean;
  passwordid?: string;
}

export interface ObjectOptionsXRemoteObject {
  fd: string;
  devid: string;
}

export interface ObjectOptionsXVfioUserServer {
  socket: SocketAddress;
  device: string;
}

export interface ObjectPropertyInfo {
  name: string;
  type: string;
  description?: string;
  "default-value"?: any;
}

export type ObjectType =
  | "acpi-generic-initiator"
  | "acpi-generic-port"
  | "authz-list"
  | "authz-listfile"
  | "authz-pam"
  | "authz-simple"
  | "can-bus"
  | "can-host-socketcan"
  | "colo-compare"
  | "cryptodev-backend"
  | "cryptodev-backend-builtin"
  | "cryptodev-backend-lkcf"
  | "cryptodev-vhost-user"
  | "dbus-vmstate"
  | "filter-buffer"
  | "filter-dump"
  | "filter-mirror"
  | "filter-redirector"
  | "filter-replay"
  | "filter-rewriter"
  | "input-barrier"
  | "input-linux"
  | "iommufd"
  | "iothread"
  | "main-loop"
  | "memory-backend-epc"
  | "memory-backend-file"
  | "memory-backend-memfd"
  | "memory-backend-ram"
  | "memory-backend-shm"
  | "pef-guest"
  | "pr-manager-helper"
  | "qtest"
  | "rng-builtin"
  | "rng-egd"
  | "rng-random"
  | "secret"
  | "secret_keyring"
  | "sev-guest"
  | "sev-snp-guest"
  | "thread-context"
  | "s390-pv-guest"
  | "throttle-group"
  | "tls-creds-anon"
  | "tls-creds-psk"
  | "tls-creds-x509"
  | "tls-cipher-suites"
  /** @experimental */
  | "x-remote-object"
  /** @experimental */
  | "x-vfio-user-server";

export interface ObjectTypeInfo {
  name: string;
  abstract?: boolean;
  parent?: string;
}

export type OnOffAuto =
  | "auto"
  | "on"
  | "off";

export interface PciDeviceInfo {
  bus: Int;
  slot: Int;
  function: Int;
  class_info: PciDeviceInfoClassInfo;
  id: PciDeviceInfoId;
  irq?: Int;
  irq_pin: Int;
  qdev_id: string;
  pci_bridge?: PciDeviceInfoPciBridge;
  regions: PciDeviceInfoRegionsItem[];
}

export interface PciDeviceInfoClassInfo {
  desc?: string;
  class: Int;
}

export interface PciDeviceInfoId {
  device: Int;
  vendor: Int;
  subsystem?: Int;
  "subsystem-vendor"?: Int;
}

export interface PciDeviceInfoPciBridge {
  bus: PciDeviceInfoPciBridgeBus;
  devices?: PciDeviceInfo[];
}

export interface PciDeviceInfoPciBridgeBus {
  number: Int;
  secondary: Int;
  subordinate: Int;
  io_range: PciDeviceInfoPciBridgeBusIoRange;
  memory_range: PciDeviceInfoPciBridgeBusIoRange;
  prefetchable_range: PciDeviceInfoPciBridgeBusIoRange;
}

export interface PciDeviceInfoPciBridgeBusIoRange {
  base: Int;
  limit: Int;
}

export interface PciDeviceInfoRegionsItem {
  bar: Int;
  type: string;
  address: Int;
  size: Int;
  prefetch?: boolean;
  mem_type_64?: boolean;
}

export interface PciInfo {
  bus: Int;
  devices: PciDeviceInfo[];
}

export interface PmemsaveArguments {
  val: Int;
  size: Int;
  filename: string;
}

export interface PrManagerStatusChangedData {
  id: string;
  connected: boolean;
}

export type PreallocMode =
  | "off"
  | "metadata"
  | "falloc"
  | "full";

export type QCryptoCipherAlgo =
  | "aes-128"
  | "aes-192"
  | "aes-256"
  | "des"
  | "3des"
  | "cast5-128"
  | "serpent-128"
  | "serpent-192"
  | "serpent-256"
  | "twofish-128"
  | "twofish-192"
  | "twofish-256"
  | "sm4";

export type QCryptoCipherMode =
  | "ecb"
  | "cbc"
  | "xts"
  | "ctr";

export type QCryptoHashAlgo =
  | "md5"
  | "sha1"
  | "sha224"
  | "sha256"
  | "sha384"
  | "sha512"
  | "ripemd160"
  | "sm3";

export type QCryptoIVGenAlgo =
  | "plain"
  | "plain64"
  | "essiv";

export type QKeyCode =
  | "unmapped"
  | "shift"
  | "shift_r"
  | "alt"
  | "alt_r"
  | "ctrl"
  | "ctrl_r"
  | "menu"
  | "esc"
  | "1"
  | "2"
  | "3"
  | "4"
  | "5"
  | "6"
  | "7"
  | "8"
  | "9"
  | "0"
  | "minus"
  | "equal"
  | "backspace"
  | "tab"
  | "q"
  | "w"
  | "e"
  | "r"
  | "t"
  | "y"
  | "u"
  | "i"
  | "o"
  | "p"
  | "bracket_left"
  | "bracket_right"
  | "ret"
  | "a"
  | "s"
  | "d"
  | "f"
  | "g"
  | "h"
  | "j"
  | "k"
  | "l"
  | "semicolon"
  | "apostrophe"
  | "grave_accent"
  | "backslash"
  | "z"
  | "x"
  | "c"
  | "v"
  | "b"
  | "n"
  | "m"
  | "comma"
  | "dot"
  | "slash"
  | "asterisk"
  | "spc"
  | "caps_lock"
  | "f1"
  | "f2"
  | "f3"
  | "f4"
  | "f5"
  | "f6"
  | "f7"
  | "f8"
  | "f9"
  | "f10"
  | "num_lock"
  | "scroll_lock"
  | "kp_divide"
  | "kp_multiply"
  | "kp_subtract"
  | "kp_add"
  | "kp_enter"
  | "kp_decimal"
  | "sysrq"
  | "kp_0"
  | "kp_1"
  | "kp_2"
  | "kp_3"
  | "kp_4"
  | "kp_5"
  | "kp_6"
  | "kp_7"
  | "kp_8"
  | "kp_9"
  | "less"
  | "f11"
  | "f12"
  | "print"
  | "home"
  | "pgup"
  | "pgdn"
  | "end"
  | "left"
  | "up"
  | "down"
  | "right"
  | "insert"
  | "delete"
  | "stop"
  | "again"
  | "props"
  | "undo"
  | "front"
  | "copy"
  | "open"
  | "paste"
  | "find"
  | "cut"
  | "lf"
  | "help"
  | "meta_l"
  | "meta_r"
  | "compose"
  | "pause"
  | "ro"
  | "hiragana"
  | "henkan"
  | "yen"
  | "muhenkan"
  | "katakanahiragana"
  | "kp_comma"
  | "kp_equals"
  | "power"
  | "sleep"
  | "wake"
  | "audionext"
  | "audioprev"
  | "audiostop"
  | "audioplay"
  | "audiomute"
  | "volumeup"
  | "volumedown"
  | "mediaselect"
  | "mail"
  | "calculator"
  | "computer"
  | "ac_home"
  | "ac_back"
  | "ac_forward"
  | "ac_refresh"
  | "ac_bookmarks"
  | "lang1"
  | "lang2"
  | "f13"
  | "f14"
  | "f15"
  | "f16"
  | "f17"
  | "f18"
  | "f19"
  | "f20"
  | "f21"
  | "f22"
  | "f23"
  | "f24";

export interface QmpCapabilitiesArguments {
  enable?: QmpCapabilitiesEnableItem[];
}

export type QmpCapabilitiesEnableItem =
  | "oob";

export interface QomGetArguments {
  path: string;
  property: string;
}

export type QomGetReturn = any;

export interface QomListArguments {
  path: string;
}

export interface QomListPropertiesArguments {
  typename: string;
}

export type QomListPropertiesReturn = ObjectPropertyInfo[];

export type QomListReturn = ObjectPropertyInfo[];

export interface QomListTypesArguments {
  implements?: string;
  abstract?: boolean;
}

export type QomListTypesReturn = ObjectTypeInfo[];

export interface QomSetArguments {
  path: string;
  property: string;
  value: any;
}

export type QueryAcpiOspmStatusReturn = ACPIOSTInfo[];

export type QueryAudiodevsReturn = Audiodev[];

export interface QueryBalloonReturn {
  actual: Int;
}

export type QueryBlockExportsReturn = BlockExportInfo[];

export type QueryBlockJobsReturn = BlockJobInfo[];

export type QueryBlockReturn = BlockInfo[];

export interface QueryBlockstatsArguments {
  "query-nodes"?: boolean;
}

export type QueryBlockstatsReturn = BlockStats[];

export interface QueryChardevBackendsItem {
  name: string;
}

export type QueryChardevBackendsReturn = QueryChardevBackendsItem[];

export type QueryChardevReturn = ChardevInfo[];

export interface QueryColoStatusReturn {
  mode: ColoExitMode;
  "last-mode": ColoExitMode;
  reason: ColoExitReason;
}

export interface QueryCommandLineOptionsArguments {
  option?: string;
}

export type QueryCommandLineOptionsReturn = CommandLineOptionInfo[];

export type QueryCommandsReturn = CommandInfo[];

export type QueryCpuDefinitionsReturn = CpuDefinitionInfo[];

export interface QueryCpuModelExpansionArguments {
  type: QueryCpuModelExpansionType;
  model: CpuModelInfo;
}

export interface QueryCpuModelExpansionReturn {
  model: CpuModelInfo;
}

export type QueryCpuModelExpansionType =
  | "static"
  | "full";

export type QueryCpusFastReturn = CpuInfoFast[];

export interface QueryCryptodevItem {
  id: string;
  service: QueryCryptodevItemServiceItem[];
  client: QueryCryptodevItemClientItem[];
}

export interface QueryCryptodevItemClientItem {
  queue: Int;
  type: QueryCryptodevItemClientItemType;
}

export type QueryCryptodevItemClientItemType =
  | "builtin"
  | "vhost-user"
  | "lkcf";

export type QueryCryptodevItemServiceItem =
  | "cipher"
  | "hash"
  | "mac"
  | "aead"
  | "akcipher";

export type QueryCryptodevReturn = QueryCryptodevItem[];

export interface QueryCurrentMachineReturn {
  "wakeup-suspend-support": boolean;
}

export interface QueryDirtyRateArguments {
  "calc-time-unit"?: CalcDirtyRateCalcTimeUnit;
}

export interface QueryDirtyRateReturn {
  "dirty-rate"?: Int;
  status: QueryDirtyRateStatus;
  "start-time": Int;
  "calc-time": Int;
  "calc-time-unit": CalcDirtyRateCalcTimeUnit;
  "sample-pages": Int;
  mode: CalcDirtyRateMode;
  "vcpu-dirty-rate"?: QueryDirtyRateVcpuDirtyRateItem[];
}

export type QueryDirtyRateStatus =
  | "unstarted"
  | "measuring"
  | "measured";

export interface QueryDirtyRateVcpuDirtyRateItem {
  id: Int;
  "dirty-rate": Int;
}

export type QueryDisplayOptionsReturn = DisplayOptions;

export interface QueryDumpGuestMemoryCapabilityReturn {
  formats: DumpGuestMemoryFormat[];
}

export interface QueryDumpReturn {
  status: QueryDumpStatus;
  completed: Int;
  total: Int;
}

export type QueryDumpStatus =
  | "none"
  | "active"
  | "completed"
  | "failed";

export type QueryFdsetsReturn = FdsetInfo[];

export type QueryHotpluggableCpusReturn = HotpluggableCPU[];

export type QueryHvBalloonStatusReportReturn = HvBalloonStatusReportData;

export type QueryIothreadsReturn = IOThreadInfo[];

export type QueryJobsReturn = JobInfo[];

export interface QueryKvmReturn {
  enabled: boolean;
  present: boolean;
}

export interface QueryMachinesArguments {
  /** @experimental */
  "compat-props"?: boolean;
}

export type QueryMachinesReturn = MachineInfo[];

export type QueryMemdevReturn = Memdev[];

export type QueryMemoryDevicesReturn = MemoryDeviceInfo[];

export interface QueryMemorySizeSummaryReturn {
  "base-memory": Int;
  "plugged-memory"?: Int;
}

export interface QueryMiceItem {
  name: string;
  index: Int;
  current: boolean;
  absolute: boolean;
}

export type QueryMiceReturn = QueryMiceItem[];

export type QueryMigrateCapabilitiesReturn = MigrationCapabilityStatus[];

export interface QueryMigrateParametersReturn {
  "announce-initial"?: Int;
  "announce-max"?: Int;
  "announce-rounds"?: Int;
  "announce-step"?: Int;
  "throttle-trigger-threshold"?: Int;
  "cpu-throttle-initial"?: Int;
  "cpu-throttle-increment"?: Int;
  "cpu-throttle-tailslow"?: boolean;
  "tls-creds"?: string;
  "tls-hostname"?: string;
  "tls-authz"?: string;
  "max-bandwidth"?: Int;
  "avail-switchover-bandwidth"?: Int;
  "downtime-limit"?: Int;
  /** @experimental */
  "x-checkpoint-delay"?: Int;
  "multifd-channels"?: Int;
  "xbzrle-cache-size"?: Int;
  "max-postcopy-bandwidth"?: Int;
  "max-cpu-throttle"?: Int;
  "multifd-compression"?: MultiFDCompression;
  "multifd-zlib-level"?: Int;
  "multifd-qatzip-level"?: Int;
  "multifd-zstd-level"?: Int;
  "block-bitmap-mapping"?: BitmapMigrationNodeAlias[];
  /** @experimental */
  "x-vcpu-dirty-limit-period"?: Int;
  "vcpu-dirty-limit"?: Int;
  mode?: MigMode;
  "zero-page-detection"?: ZeroPageDetection;
  "direct-io"?: boolean;
}

export type QueryMigrateReturn = MigrationInfo;

export interface QueryMigrationthreadsItem {
  name: string;
  "thread-id": Int;
}

export type QueryMigrationthreadsReturn = QueryMigrationthreadsItem[];

export interface QueryNameReturn {
  name?: string;
}

export interface QueryNamedBlockNodesArguments {
  flat?: boolean;
}

export type QueryNamedBlockNodesReturn = BlockDeviceInfo[];

export type QueryPciReturn = PciInfo[];

export interface QueryPrManagersItem {
  id: string;
  connected: boolean;
}

export type QueryPrManagersReturn = QueryPrManagersItem[];

export type QueryQmpSchemaReturn = SchemaInfo[];

export type QueryReplayMode =
  | "none"
  | "record"
  | "play";

export interface QueryReplayReturn {
  mode: QueryReplayMode;
  filename?: string;
  icount: Int;
}

export interface QueryRockerArguments {
  name: string;
}

export interface QueryRockerOfDpaFlowsArguments {
  name: string;
  "tbl-id"?: Int;
}

export interface QueryRockerOfDpaFlowsItem {
  cookie: Int;
  hits: Int;
  key: QueryRockerOfDpaFlowsItemKey;
  mask: QueryRockerOfDpaFlowsItemMask;
  action: QueryRockerOfDpaFlowsItemAction;
}

export interface QueryRockerOfDpaFlowsItemAction {
  "goto-tbl"?: Int;
  "group-id"?: Int;
  "tunnel-lport"?: Int;
  "vlan-id"?: Int;
  "new-vlan-id"?: Int;
  "out-pport"?: Int;
}

export interface QueryRockerOfDpaFlowsItemKey {
  priority: Int;
  "tbl-id": Int;
  "in-pport"?: Int;
  "tunnel-id"?: Int;
  "vlan-id"?: Int;
  "eth-type"?: Int;
  "eth-src"?: string;
  "eth-dst"?: string;
  "ip-proto"?: Int;
  "ip-tos"?: Int;
  "ip-dst"?: string;
}

export interface QueryRockerOfDpaFlowsItemMask {
  "in-pport"?: Int;
  "tunnel-id"?: Int;
  "vlan-id"?: Int;
  "eth-src"?: string;
  "eth-dst"?: string;
  "ip-proto"?: Int;
  "ip-tos"?: Int;
}

export type QueryRockerOfDpaFlowsReturn = QueryRockerOfDpaFlowsItem[];

export interface QueryRockerOfDpaGroupsArguments {
  name: string;
  type?: Int;
}

export interface QueryRockerOfDpaGroupsItem {
  id: Int;
  type: Int;
  "vlan-id"?: Int;
  pport?: Int;
  index?: Int;
  "out-pport"?: Int;
  "group-id"?: Int;
  "set-vlan-id"?: Int;
  "pop-vlan"?: Int;
  "group-ids"?: Int[];
  "set-eth-src"?: string;
  "set-eth-dst"?: string;
  "ttl-check"?: Int;
}

export type QueryRockerOfDpaGroupsReturn = QueryRockerOfDpaGroupsItem[];

export interface QueryRockerPortsArguments {
  name: string;
}

export interface QueryRockerPortsItem {
  name: string;
  enabled: boolean;
  "link-up": boolean;
  speed: Int;
  duplex: QueryRockerPortsItemDuplex;
  autoneg: QueryRockerPortsItemAutoneg;
}

export type QueryRockerPortsItemAutoneg =
  | "off"
  | "on";

export type QueryRockerPortsItemDuplex =
  | "half"
  | "full";

export type QueryRockerPortsReturn = QueryRockerPortsItem[];

export interface QueryRockerReturn {
  name: string;
  id: Int;
  ports: Int;
}

export interface QueryRxFilterArguments {
  name?: string;
}

export type QueryRxFilterReturn = RxFilterInfo[];

export interface QuerySevAttestationReportArguments {
  mnonce: string;
}

export interface QuerySevAttestationReportReturn {
  data: string;
}

export interface QuerySevCapabilitiesReturn {
  pdh: string;
  "cert-chain": string;
  "cpu0-id": string;
  cbitpos: Int;
  "reduced-phys-bits": Int;
}

export interface QuerySevLaunchMeasureReturn {
  data: string;
}

export interface QuerySevReturnBase {
  enabled: boolean;
  "api-major": Int;
  "api-minor": Int;
  "build-id": Int;
  state: QuerySevState;
}

export type QuerySevReturn =
  | ({ "sev-type": "sev" } & QuerySevReturnBase & QuerySevSev)
  | ({ "sev-type": "sev-snp" } & QuerySevReturnBase & QuerySevSevSnp);

export interface QuerySevSev {
  policy: Int;
  handle: Int;
}

export interface QuerySevSevSnp {
  "snp-policy": Int;
}

export type QuerySevSevType =
  | "sev"
  | "sev-snp";

export type QuerySevState =
  | "uninit"
  | "launch-update"
  | "launch-secret"
  | "running"
  | "send-update"
  | "receive-update";

export type QuerySgxCapabilitiesReturn = QuerySgxReturn;

export interface QuerySgxReturn {
  sgx: boolean;
  sgx1: boolean;
  sgx2: boolean;
  flc: boolean;
  sections: QuerySgxSectionsItem[];
}

export interface QuerySgxSectionsItem {
  node: Int;
  size: Int;
}

export type QuerySpiceMouseMode =
  | "client"
  | "server"
  | "unknown";

export interface QuerySpiceReturn {
  enabled: boolean;
  migrated: boolean;
  host?: string;
  port?: Int;
  "tls-port"?: Int;
  auth?: string;
  "compiled-version"?: string;
  "mouse-mode": QuerySpiceMouseMode;
  channels?: SpiceInitializedClient[];
}

export interface QueryStatsArgumentsBase {
  providers?: QueryStatsProvidersItem[];
}

export type QueryStatsArguments =
  | ({ target: "vm" | "cryptodev" } & QueryStatsArgumentsBase)
  | ({ target: "vcpu" } & QueryStatsArgumentsBase & QueryStatsVcpu);

export interface QueryStatsProvidersItem {
  provider: StatsProvider;
  names?: string[];
}

export type QueryStatsReturn = StatsResult[];

export interface QueryStatsSchemasArguments {
  provider?: StatsProvider;
}

export type QueryStatsSchemasReturn = StatsSchema[];

export interface QueryStatsVcpu {
  vcpus?: string[];
}

export interface QueryStatusReturn {
  running: boolean;
  status: RunState;
}

export interface QueryTargetReturn {
  arch: CpuInfoFastTarget;
}

export type QueryTpmModelsItem =
  | "tpm-tis"
  | "tpm-crb"
  | "tpm-spapr";

export type QueryTpmModelsReturn = QueryTpmModelsItem[];

export type QueryTpmReturn = TPMInfo[];

export type QueryTpmTypesItem =
  | "passthrough"
  | "emulator";

export type QueryTpmTypesReturn = QueryTpmTypesItem[];

export interface QueryUuidReturn {
  UUID: string;
}

export interface QueryVcpuDirtyLimitItem {
  "cpu-index": Int;
  "limit-rate": Int;
  "current-rate": Int;
}

export type QueryVcpuDirtyLimitReturn = QueryVcpuDirtyLimitItem[];

export interface QueryVersionQemu {
  major: Int;
  minor: Int;
  micro: Int;
}

export interface QueryVersionReturn {
  qemu: QueryVersionQemu;
  package: string;
}

export interface QueryVmGenerationIdReturn {
  guid: string;
}

export interface QueryVncReturn {
  enabled: boolean;
  host?: string;
  family?: NetworkAddressFamily;
  service?: string;
  auth?: string;
  clients?: VncClientInfo[];
}

export type QueryVncServersReturn = VncInfo2[];

export interface QueryXenReplicationStatusReturn {
  error: boolean;
  desc?: string;
}

export type QueryYankReturn = YankInstance[];

export interface QuorumFailureData {
  reference: string;
  "sector-num": Int;
  "sectors-count": Int;
}

export interface QuorumReportBadData {
  type: QuorumReportBadType;
  error?: string;
  "node-name": string;
  "sector-num": Int;
  "sectors-count": Int;
}

export type QuorumReportBadType =
  | "read"
  | "write"
  | "flush";

export interface RemoveFdArguments {
  "fdset-id": Int;
  fd?: Int;
}

export interface ReplayBreakArguments {
  icount: Int;
}

export interface ReplaySeekArguments {
  icount: Int;
}

export interface RequestEbpfArguments {
  id: RequestEbpfId;
}

export type RequestEbpfId =
  | "rss";

export interface RequestEbpfReturn {
  object: string;
}

export interface ResetData {
  guest: boolean;
  reason: ShutdownCause;
}

export interface RingbufReadArguments {
  device: string;
  size: Int;
  format?: RingbufReadFormat;
}

export type RingbufReadFormat =
  | "utf8"
  | "base64";

export type RingbufReadReturn = string;

export interface RingbufWriteArguments {
  device: string;
  data: string;
  format?: RingbufReadFormat;
}

export interface RtcChangeData {
  offset: Int;
  "qom-path": string;
}

export type RunState =
  | "debug"
  | "inmigrate"
  | "internal-error"
  | "io-error"
  | "paused"
  | "postmigrate"
  | "prelaunch"
  | "finish-migrate"
  | "restore-vm"
  | "running"
  | "save-vm"
  | "shutdown"
  | "suspended"
  | "watchdog"
  | "guest-panicked"
  | "colo";

export interface RxFilterInfo {
  name: string;
  promiscuous: boolean;
  multicast: RxFilterInfoMulticast;
  unicast: RxFilterInfoMulticast;
  vlan: RxFilterInfoMulticast;
  "broadcast-allowed": boolean;
  "multicast-overflow": boolean;
  "unicast-overflow": boolean;
  "main-mac": string;
  "vlan-table": Int[];
  "unicast-table": string[];
  "multicast-table": string[];
}

export type RxFilterInfoMulticast =
  | "normal"
  | "none"
  | "all";

export interface SchemaInfoBase {
  name: string;
  features?: string[];
}

export type SchemaInfo =
  | ({ "meta-type": "builtin" } & SchemaInfoBase & SchemaInfoBuiltin)
  | ({ "meta-type": "enum" } & SchemaInfoBase & SchemaInfoEnum)
  | ({ "meta-type": "array" } & SchemaInfoBase & SchemaInfoArray)
  | ({ "meta-type": "object" } & SchemaInfoBase & SchemaInfoObject)
  | ({ "meta-type": "alternate" } & SchemaInfoBase & SchemaInfoAlternate)
  | ({ "meta-type": "command" } & SchemaInfoBase & SchemaInfoCommand)
  | ({ "meta-type": "event" } & SchemaInfoBase & SchemaInfoEvent);

export interface SchemaInfoAlternate {
  members: SchemaInfoAlternateMembersItem[];
}

export interface SchemaInfoAlternateMembersItem {
  type: string;
}

export interface SchemaInfoArray {
  "element-type": string;
}

export interface SchemaInfoBuiltin {
  "json-type": SchemaInfoBuiltinJsonType;
}

export type SchemaInfoBuiltinJsonType =
  | "string"
  | "number"
  | "int"
  | "boolean"
  | "null"
  | "object"
  | "array"
  | "value";

export interface SchemaInfoCommand {
  "arg-type": string;
  "ret-type": string;
  "allow-oob"?: boolean;
}

export interface SchemaInfoEnum {
  members: SchemaInfoEnumMembersItem[];
  /** @deprecated */
  values: string[];
}

export interface SchemaInfoEnumMembersItem {
  name: string;
  features?: string[];
}

export interface SchemaInfoEvent {
  "arg-type": string;
}

export type SchemaInfoMetaType =
  | "builtin"
  | "enum"
  | "array"
  | "object"
  | "alternate"
  | "command"
  | "event";

export interface SchemaInfoObject {
  members: SchemaInfoObjectMembersItem[];
  tag?: string;
  variants?: SchemaInfoObjectVariantsItem[];
}

export interface SchemaInfoObjectMembersItem {
  name: string;
  type: string;
  default?: any;
  features?: string[];
}

export interface SchemaInfoObjectVariantsItem {
  case: string;
  type: string;
}

export interface ScreendumpArguments {
  filename: string;
  device?: string;
  head?: Int;
  format?: ScreendumpFormat;
}

export type ScreendumpFormat =
  | "ppm"
  | "png";

export interface SendKeyArguments {
  keys: KeyValue[];
  "hold-time"?: Int;
}

export interface SetActionArguments {
  reboot?: SetActionReboot;
  shutdown?: SetActionShutdown;
  panic?: SetActionPanic;
  watchdog?: WatchdogAction;
}

export type SetActionPanic =
  | "pause"
  | "shutdown"
  | "exit-failure"
  | "none";

export type SetActionReboot =
  | "reset"
  | "shutdown";

export type SetActionShutdown =
  | "poweroff"
  | "pause";

export interface SetLinkArguments {
  name: string;
  up: boolean;
}

export type SetNumaNodeArguments =
  | ({ type: "node" } & SetNumaNodeNode)
  | ({ type: "dist" } & SetNumaNodeDist)
  | ({ type: "cpu" } & SetNumaNodeCpu)
  | ({ type: "hmat-lb" } & SetNumaNodeHmatLb)
  | ({ type: "hmat-cache" } & SetNumaNodeHmatCache);

export interface SetNumaNodeCpu {
  "node-id"?: Int;
  "drawer-id"?: Int;
  "book-id"?: Int;
  "socket-id"?: Int;
  "die-id"?: Int;
  "cluster-id"?: Int;
  "module-id"?: Int;
  "core-id"?: Int;
  "thread-id"?: Int;
}

export interface SetNumaNodeDist {
  src: Int;
  dst: Int;
  val: Int;
}

export interface SetNumaNodeHmatCache {
  "node-id": Int;
  size: Int;
  level: Int;
  associativity: SetNumaNodeHmatCacheAssociativity;
  policy: SetNumaNodeHmatCachePolicy;
  line: Int;
}

export type SetNumaNodeHmatCacheAssociativity =
  | "none"
  | "direct"
  | "complex";

export type SetNumaNodeHmatCachePolicy =
  | "none"
  | "write-back"
  | "write-through";

export interface SetNumaNodeHmatLb {
  initiator: Int;
  target: Int;
  hierarchy: SetNumaNodeHmatLbHierarchy;
  "data-type": SetNumaNodeHmatLbDataType;
  latency?: Int;
  bandwidth?: Int;
}

export type SetNumaNodeHmatLbDataType =
  | "access-latency"
  | "read-latency"
  | "write-latency"
  | "access-bandwidth"
  | "read-bandwidth"
  | "write-bandwidth";

export type SetNumaNodeHmatLbHierarchy =
  | "memory"
  | "first-level"
  | "second-level"
  | "third-level";

export interface SetNumaNodeNode {
  nodeid?: Int;
  cpus?: Int[];
  mem?: Int;
  memdev?: string;
  initiator?: Int;
}

export type SetNumaNodeType =
  | "node"
  | "dist"
  | "cpu"
  | "hmat-lb"
  | "hmat-cache";

export interface SetPasswordArgumentsBase {
  password: string;
  connected?: SetPasswordConnected;
}

export type SetPasswordArguments =
  | ({ protocol: "vnc" } & SetPasswordArgumentsBase & SetPasswordVnc)
  | ({ protocol: "spice" } & SetPasswordArgumentsBase);

export type SetPasswordConnected =
  | "keep"
  | "fail"
  | "disconnect";

export interface SetPasswordVnc {
  display?: string;
}

export interface SetVcpuDirtyLimitArguments {
  "cpu-index"?: Int;
  "dirty-rate": Int;
}

export interface SevInjectLaunchSecretArguments {
  "packet-header": string;
  secret: string;
  gpa?: Int;
}

export type ShutdownCause =
  | "none"
  | "host-error"
  | "host-qmp-quit"
  | "host-qmp-system-reset"
  | "host-signal"
  | "host-ui"
  | "guest-shutdown"
  | "guest-reset"
  | "guest-panic"
  | "subsystem-reset"
  | "snapshot-load";

export interface ShutdownData {
  guest: boolean;
  reason: ShutdownCause;
}

export interface SnapshotDeleteArguments {
  "job-id": string;
  tag: string;
  devices: string[];
}

export interface SnapshotLoadArguments {
  "job-id": string;
  tag: string;
  vmstate: string;
  devices: string[];
}

export interface SnapshotSaveArguments {
  "job-id": string;
  tag: string;
  vmstate: string;
  devices: string[];
}

export type SocketAddress =
  | ({ type: "inet" } & InetSocketAddress)
  | ({ type: "unix" } & SocketAddressUnix)
  | ({ type: "vsock" } & SocketAddressVsock)
  | ({ type: "fd" } & SocketAddressFd);

export interface SocketAddressFd {
  str: string;
}

export type SocketAddressLegacy =
  | ({ type: "inet" } & SocketAddressLegacyInet)
  | ({ type: "unix" } & SocketAddressLegacyUnix)
  | ({ type: "vsock" } & SocketAddressLegacyVsock)
  | ({ type: "fd" } & SocketAddressLegacyFd);

export interface SocketAddressLegacyFd {
  data: SocketAddressFd;
}

export interface SocketAddressLegacyInet {
  data: InetSocketAddress;
}

export interface SocketAddressLegacyUnix {
  data: SocketAddressUnix;
}

export interface SocketAddressLegacyVsock {
  data: SocketAddressVsock;
}

export type SocketAddressType =
  | "inet"
  | "unix"
  | "vsock"
  | "fd";

export interface SocketAddressUnix {
  path: string;
  abstract?: boolean;
  tight?: boolean;
}

export interface SocketAddressVsock {
  cid: string;
  port: string;
}

export interface SpiceConnectedData {
  server: SpiceConnectedServer;
  client: SpiceConnectedServer;
}

export interface SpiceConnectedServer {
  host: string;
  port: string;
  family: NetworkAddressFamily;
}

export interface SpiceDisconnectedData {
  server: SpiceConnectedServer;
  client: SpiceConnectedServer;
}

export interface SpiceInitializedClient {
  host: string;
  port: string;
  family: NetworkAddressFamily;
  "connection-id": Int;
  "channel-type": Int;
  "channel-id": Int;
  tls: boolean;
}

export interface SpiceInitializedData {
  server: SpiceInitializedServer;
  client: SpiceInitializedClient;
}

export interface SpiceInitializedServer {
  host: string;
  port: string;
  family: NetworkAddressFamily;
  auth?: string;
}

export type StatsProvider =
  | "kvm"
  | "cryptodev";

export interface StatsResult {
  provider: StatsProvider;
  "qom-path"?: string;
  stats: StatsResultStatsItem[];
}

export interface StatsResultStatsItem {
  name: string;
  value: StatsResultStatsItemValue;
}

export type StatsResultStatsItemValue = Int | boolean | Int[];

export interface StatsSchema {
  provider: StatsProvider;
  target: StatsSchemaTarget;
  stats: StatsSchemaStatsItem[];
}

export interface StatsSchemaStatsItem {
  name: string;
  type: StatsSchemaStatsItemType;
  unit?: StatsSchemaStatsItemUnit;
  base?: Int;
  exponent: Int;
  "bucket-size"?: Int;
}

export type StatsSchemaStatsItemType =
  | "cumulative"
  | "instant"
  | "peak"
  | "linear-histogram"
  | "log2-histogram";

export type StatsSchemaStatsItemUnit =
  | "bytes"
  | "seconds"
  | "cycles"
  | "boolean";

export type StatsSchemaTarget =
  | "vm"
  | "vcpu"
  | "cryptodev";

export type StrOrNull = string | null;

export interface TPMInfo {
  id: string;
  model: QueryTpmModelsItem;
  options: TPMInfoOptions;
}

export type TPMInfoOptions =
  | ({ type: "passthrough" } & TPMInfoOptionsPassthrough)
  | ({ type: "emulator" } & TPMInfoOptionsEmulator);

export interface TPMInfoOptionsEmulator {
  data: TPMInfoOptionsEmulatorData;
}

export interface TPMInfoOptionsEmulatorData {
  chardev: string;
}

export interface TPMInfoOptionsPassthrough {
  data: TPMInfoOptionsPassthroughData;
}

export interface TPMInfoOptionsPassthroughData {
  path?: string;
  "cancel-path"?: string;
}

export interface TraceEventGetStateArguments {
  name: string;
}

export interface TraceEventGetStateItem {
  name: string;
  state: TraceEventGetStateItemState;
}

export type TraceEventGetStateItemState =
  | "unavailable"
  | "disabled"
  | "enabled";

export type TraceEventGetStateReturn = TraceEventGetStateItem[];

export interface TraceEventSetStateArguments {
  name: string;
  enable: boolean;
  "ignore-unavailable"?: boolean;
}

export type TransactionAction =
  | ({ type: "abort" } & TransactionActionAbort)
  | ({ type: "block-dirty-bitmap-add" } & TransactionActionBlockDirtyBitmapAdd)
  | ({ type: "block-dirty-bitmap-remove" | "block-dirty-bitmap-clear" | "block-dirty-bitmap-enable" | "block-dirty-bitmap-disable" } & TransactionActionBlockDirtyBitmapRemove)
  | ({ type: "block-dirty-bitmap-merge" } & TransactionActionBlockDirtyBitmapMerge)
  | ({ type: "blockdev-backup" } & TransactionActionBlockdevBackup)
  | ({ type: "blockdev-snapshot" } & TransactionActionBlockdevSnapshot)
  | ({ type: "blockdev-snapshot-internal-sync" } & TransactionActionBlockdevSnapshotInternalSync)
  | ({ type: "blockdev-snapshot-sync" } & TransactionActionBlockdevSnapshotSync)
  | ({ /** @deprecated */ type: "drive-backup" } & TransactionActionDriveBackup);

export interface TransactionActionAbort {
  data: Empty;
}

export interface TransactionActionBlockDirtyBitmapAdd {
  data: BlockDirtyBitmapAddArguments;
}

export interface TransactionActionBlockDirtyBitmapMerge {
  data: BlockDirtyBitmapMergeArguments;
}

export interface TransactionActionBlockDirtyBitmapRemove {
  data: BlockDirtyBitmapClearArguments;
}

export interface TransactionActionBlockdevBackup {
  data: BlockdevBackupArguments;
}

export interface TransactionActionBlockdevSnapshot {
  data: BlockdevSnapshotArguments;
}

export interface TransactionActionBlockdevSnapshotInternalSync {
  data: BlockdevSnapshotInternalSyncArguments;
}

export interface TransactionActionBlockdevSnapshotSync {
  data: BlockdevSnapshotSyncArguments;
}

export interface TransactionActionDriveBackup {
  data: DriveBackupArguments;
}

export type TransactionActionType =
  | "abort"
  | "block-dirty-bitmap-add"
  | "block-dirty-bitmap-remove"
  | "block-dirty-bitmap-clear"
  | "block-dirty-bitmap-enable"
  | "block-dirty-bitmap-disable"
  | "block-dirty-bitmap-merge"
  | "blockdev-backup"
  | "blockdev-snapshot"
  | "blockdev-snapshot-internal-sync"
  | "blockdev-snapshot-sync"
  /** @deprecated */
  | "drive-backup";

export interface TransactionArguments {
  actions: TransactionAction[];
  properties?: ActionProperties;
}

export interface UnplugPrimaryData {
  "device-id": string;
}

export interface VfioMigrationData {
  "device-id": string;
  "qom-path": string;
  "device-state": VfioMigrationDeviceState;
}

export type VfioMigrationDeviceState =
  | "stop"
  | "running"
  | "stop-copy"
  | "resuming"
  | "running-p2p"
  | "pre-copy"
  | "pre-copy-p2p";

export interface VfuClientHangupData {
  "vfu-id": string;
  "vfu-qom-path": string;
  "dev-id": string;
  "dev-qom-path": string;
}

export interface VncClientInfo {
  host: string;
  service: string;
  family: NetworkAddressFamily;
  websocket: boolean;
  x509_dname?: string;
  sasl_username?: string;
}

export interface VncConnectedClient {
  host: string;
  service: string;
  family: NetworkAddressFamily;
  websocket: boolean;
}

export interface VncConnectedData {
  server: VncConnectedServer;
  client: VncConnectedClient;
}

export interface VncConnectedServer {
  host: string;
  service: string;
  family: NetworkAddressFamily;
  websocket: boolean;
  auth?: string;
}

export interface VncDisconnectedData {
  server: VncConnectedServer;
  client: VncClientInfo;
}

export interface VncInfo2 {
  id: string;
  server: VncInfo2ServerItem[];
  clients: VncClientInfo[];
  auth: VncInfo2Auth;
  vencrypt?: VncInfo2Vencrypt;
  display?: string;
}

export type VncInfo2Auth =
  | "none"
  | "vnc"
  | "ra2"
  | "ra2ne"
  | "tight"
  | "ultra"
  | "tls"
  | "vencrypt"
  | "sasl";

export interface VncInfo2ServerItem {
  host: string;
  service: string;
  family: NetworkAddressFamily;
  websocket: boolean;
  auth: VncInfo2Auth;
  vencrypt?: VncInfo2Vencrypt;
}

export type VncInfo2Vencrypt =
  | "plain"
  | "tls-none"
  | "x509-none"
  | "tls-vnc"
  | "x509-vnc"
  | "tls-plain"
  | "x509-plain"
  | "tls-sasl"
  | "x509-sasl";

export interface VncInitializedData {
  server: VncConnectedServer;
  client: VncClientInfo;
}

export interface VserportChangeData {
  id: string;
  open: boolean;
}

export type WatchdogAction =
  | "reset"
  | "shutdown"
  | "poweroff"
  | "pause"
  | "debug"
  | "none"
  | "inject-nmi";

export interface WatchdogData {
  action: WatchdogAction;
}

export interface WatchdogSetActionArguments {
  action: WatchdogAction;
}

export interface XBlockdevAmendArguments {
  "job-id": string;
  "node-name": string;
  options: XBlockdevAmendOptions;
  force?: boolean;
}

export type XBlockdevAmendOptions =
  | ({ driver: "blkdebug" | "blklogwrites" | "blkreplay" | "blkverify" | "bochs" | "cloop" | "compress" | "copy-before-write" | "copy-on-read" | "dmg" | "file" | "snapshot-access" | "ftp" | "ftps" | "host_cdrom" | "host_device" | "http" | "https" | "iscsi" | "nbd" | "nfs" | "null-aio" | "null-co" | "nvme" | "parallels" | "preallocate" | "qcow" | "qed" | "quorum" | "raw" | "rbd" | "replication" | "ssh" | "throttle" | "vdi" | "vhdx" | "vmdk" | "vpc" | "vvfat" })
  | ({ /** @deprecated */ driver: "gluster" })
  | ({ driver: "luks" } & XBlockdevAmendOptionsLuks)
  | ({ driver: "qcow2" } & XBlockdevAmendOptionsQcow2);

export interface XBlockdevAmendOptionsLuks {
  state: XBlockdevAmendOptionsLuksState;
  "new-secret"?: string;
  "old-secret"?: string;
  keyslot?: Int;
  "iter-time"?: Int;
  secret?: string;
}

export type XBlockdevAmendOptionsLuksState =
  | "active"
  | "inactive";

export interface XBlockdevAmendOptionsQcow2 {
  encrypt?: XBlockdevAmendOptionsQcow2Encrypt;
}

export type XBlockdevAmendOptionsQcow2Encrypt =
  | ({ format: "qcow" })
  | ({ format: "luks" } & XBlockdevAmendOptionsQcow2EncryptLuks);

export interface XBlockdevAmendOptionsQcow2EncryptLuks {
  state: XBlockdevAmendOptionsLuksState;
  "new-secret"?: string;
  "old-secret"?: string;
  keyslot?: Int;
  "iter-time"?: Int;
  secret?: string;
}

export interface XBlockdevChangeArguments {
  parent: string;
  child?: string;
  node?: string;
}

export interface XBlockdevSetIothreadArguments {
  "node-name": string;
  iothread: StrOrNull;
  force?: boolean;
}

export type XDebugBlockDirtyBitmapSha256Arguments = BlockDirtyBitmapClearArguments;

export interface XDebugBlockDirtyBitmapSha256Return {
  sha256: string;
}

export interface XDebugQueryBlockGraphEdgesItem {
  parent: Int;
  child: Int;
  name: string;
  perm: BlockPermission[];
  "shared-perm": BlockPermission[];
}

export interface XDebugQueryBlockGraphNodesItem {
  id: Int;
  type: XDebugQueryBlockGraphNodesItemType;
  name: string;
}

export type XDebugQueryBlockGraphNodesItemType =
  | "block-backend"
  | "block-job"
  | "block-driver";

export interface XDebugQueryBlockGraphReturn {
  nodes: XDebugQueryBlockGraphNodesItem[];
  edges: XDebugQueryBlockGraphEdgesItem[];
}

export interface XQueryInterruptControllersReturn {
  "human-readable-text": string;
}

export type XQueryIrqReturn = XQueryInterruptControllersReturn;

export type XQueryJitReturn = XQueryInterruptControllersReturn;

export type XQueryNumaReturn = XQueryInterruptControllersReturn;

export type XQueryOpcountReturn = XQueryInterruptControllersReturn;

export type XQueryRamblockReturn = XQueryInterruptControllersReturn;

export type XQueryRomsReturn = XQueryInterruptControllersReturn;

export type XQueryUsbReturn = XQueryInterruptControllersReturn;

export interface XQueryVirtioItem {
  path: string;
  name: string;
}

export interface XQueryVirtioQueueElementArguments {
  path: string;
  queue: Int;
  index?: Int;
}

export interface XQueryVirtioQueueElementAvail {
  flags: Int;
  idx: Int;
  ring: Int;
}

export interface XQueryVirtioQueueElementDescsItem {
  addr: Int;
  len: Int;
  flags: string[];
}

export interface XQueryVirtioQueueElementReturn {
  name: string;
  index: Int;
  descs: XQueryVirtioQueueElementDescsItem[];
  avail: XQueryVirtioQueueElementAvail;
  used: XQueryVirtioQueueElementUsed;
}

export interface XQueryVirtioQueueElementUsed {
  flags: Int;
  idx: Int;
}

export interface XQueryVirtioQueueStatusArguments {
  path: string;
  queue: Int;
}

export interface XQueryVirtioQueueStatusReturn {
  name: string;
  "queue-index": Int;
  inuse: Int;
  "vring-num": Int;
  "vring-num-default": Int;
  "vring-align": Int;
  "vring-desc": Int;
  "vring-avail": Int;
  "vring-used": Int;
  "last-avail-idx"?: Int;
  "shadow-avail-idx"?: Int;
  "used-idx": Int;
  "signalled-used": Int;
  "signalled-used-valid": boolean;
}

export type XQueryVirtioReturn = XQueryVirtioItem[];

export interface XQueryVirtioStatusArguments {
  path: string;
}

export interface XQueryVirtioStatusGuestFeatures {
  transports: string[];
  "dev-features"?: string[];
  "unknown-dev-features"?: Int;
}

export interface XQueryVirtioStatusReturn {
  name: string;
  "device-id": Int;
  "vhost-started": boolean;
  "device-endian": string;
  "guest-features": XQueryVirtioStatusGuestFeatures;
  "host-features": XQueryVirtioStatusGuestFeatures;
  "backend-features": XQueryVirtioStatusGuestFeatures;
  "num-vqs": Int;
  status: XQueryVirtioStatusStatus;
  isr: Int;
  "queue-sel": Int;
  "vm-running": boolean;
  broken: boolean;
  disabled: boolean;
  "use-started": boolean;
  started: boolean;
  "start-on-kick": boolean;
  "disable-legacy-check": boolean;
  "bus-name": string;
  "use-guest-notifier-mask": boolean;
  "vhost-dev"?: XQueryVirtioStatusVhostDev;
}

export interface XQueryVirtioStatusStatus {
  statuses: string[];
  "unknown-statuses"?: Int;
}

export interface XQueryVirtioStatusVhostDev {
  "n-mem-sections": Int;
  "n-tmp-sections": Int;
  nvqs: Int;
  "vq-index": Int;
  features: XQueryVirtioStatusGuestFeatures;
  "acked-features": XQueryVirtioStatusGuestFeatures;
  "backend-features": XQueryVirtioStatusGuestFeatures;
  "protocol-features": XQueryVirtioStatusVhostDevProtocolFeatures;
  "max-queues": Int;
  "backend-cap": Int;
  "log-enabled": boolean;
  "log-size": Int;
}

export interface XQueryVirtioStatusVhostDevProtocolFeatures {
  protocols: string[];
  "unknown-protocols"?: Int;
}

export interface XQueryVirtioVhostQueueStatusArguments {
  path: string;
  queue: Int;
}

export interface XQueryVirtioVhostQueueStatusReturn {
  name: string;
  kick: Int;
  call: Int;
  desc: Int;
  avail: Int;
  used: Int;
  num: Int;
  "desc-phys": Int;
  "desc-size": Int;
  "avail-phys": Int;
  "avail-size": Int;
  "used-phys": Int;
  "used-size": Int;
}

export interface XenEventInjectArguments {
  port: Int;
}

export interface XenEventListItem {
  port: Int;
  vcpu: Int;
  type: XenEventListItemType;
  "remote-domain": string;
  target: Int;
  pending: boolean;
  masked: boolean;
}

export type XenEventListItemType =
  | "closed"
  | "unbound"
  | "interdomain"
  | "pirq"
  | "virq"
  | "ipi";

export type XenEventListReturn = XenEventListItem[];

export interface XenLoadDevicesStateArguments {
  filename: string;
}

export interface XenSaveDevicesStateArguments {
  filename: string;
  live?: boolean;
}

export interface XenSetGlobalDirtyLogArguments {
  enable: boolean;
}

export interface XenSetReplicationArguments {
  enable: boolean;
  primary: boolean;
  failover?: boolean;
}

export interface YankArguments {
  instances: YankInstance[];
}

export type YankInstance =
  | ({ type: "block-node" } & YankInstanceBlockNode)
  | ({ type: "chardev" } & YankInstanceChardev)
  | ({ type: "migration" });

export interface YankInstanceBlockNode {
  "node-name": string;
}

export interface YankInstanceChardev {
  id: string;
}

export type YankInstanceType =
  | "block-node"
  | "chardev"
  | "migration";

export type ZeroPageDetection =
  | "none"
  | "legacy"
  | "multifd";
