"""The modules Asterisk may load: these and no others."""

from typing import Final

from telephony.asterisk.conf import conf, section

SIP: Final = (
    "res_sorcery_config", "res_sorcery_memory", "res_sorcery_astdb",
    "res_pjproject", "res_pjsip", "res_pjsip_session", "res_pjsip_pubsub",
    "res_pjsip_sdp_rtp", "res_rtp_asterisk",
    "res_pjsip_endpoint_identifier_user", "res_pjsip_endpoint_identifier_ip",
    "res_pjsip_authenticator_digest", "res_pjsip_registrar", "res_pjsip_acl",
    "res_pjsip_caller_id", "res_pjsip_header_funcs", "res_pjsip_nat", "res_pjsip_rfc3326",
    "res_pjsip_dtmf_info", "res_pjsip_dlg_options", "res_pjsip_refer",
    "res_pjsip_notify", "res_pjsip_transport_websocket", "res_srtp",
    "chan_pjsip",
)  # fmt: skip
TRUNK_ACCOUNT: Final = (
    "res_pjsip_outbound_authenticator_digest",
    "res_pjsip_outbound_registration",
)
MEDIA: Final = (
    "res_timing_timerfd", "codec_ulaw", "codec_alaw", "codec_a_mu", "codec_resample",
    "format_pcm", "format_sln", "format_wav", "res_musiconhold",
    "bridge_simple", "bridge_native_rtp", "bridge_holding", "bridge_softmix",
)  # fmt: skip
ARI: Final = (
    "res_http_websocket", "res_websocket_client", "res_ari", "res_ari_model",
    "res_ari_applications", "res_ari_asterisk",
    "res_ari_bridges", "res_ari_channels", "res_ari_device_states", "res_ari_endpoints",
    "res_ari_events", "res_ari_playbacks", "res_ari_recordings",
    "res_stasis", "res_stasis_answer", "res_stasis_device_state", "res_stasis_playback",
    "res_stasis_recording", "res_stasis_snoop", "app_stasis",
)  # fmt: skip
DIALPLAN: Final = (
    "pbx_config", "app_dial", "app_echo", "app_playback", "app_stack",
    "func_channel", "func_cut", "func_devstate", "func_env", "func_groupcount",
    "func_lock", "func_logic", "func_strings", "func_timeout", "func_uri", "res_tonedetect",
)  # fmt: skip


def modules_conf(*, trunk_account: bool) -> str:
    """`autoload=no`; what a carrier's account needs is loaded only where there is one."""
    wanted = (*SIP, *(TRUNK_ACCOUNT if trunk_account else ()), *MEDIA, *ARI, *DIALPLAN)
    loads = (("load", f"{module}.so") for module in wanted)
    return conf(section("modules", ("autoload", False), *loads))
