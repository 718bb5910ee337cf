// The roles, as people are told of them.

export const ROLES = {
  agent: { ja: "オペレーター", en: "Agent" },
  supervisor: { ja: "業務管理者", en: "Supervisor" },
  general_manager: { ja: "統括管理者", en: "General manager" },
  city_viewer: { ja: "市(閲覧)", en: "City, viewing" },
  city_approver: { ja: "市(承認)", en: "City, approving" },
  auditor: { ja: "監査", en: "Auditor" },
  administrator: { ja: "システム管理者", en: "Administrator" },
  display: { ja: "掲示板", en: "Wall board" },
} as const;

export type Role = keyof typeof ROLES;
export const EVERY_ROLE = Object.keys(ROLES) as readonly Role[];
