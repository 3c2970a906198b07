/** Why a daemon that takes over gives orders. They stand in the history, where an explanation knows them again. */
export const wasUp = 'it was up when the former dockvisord ended';
export const wasStopping = 'its stop was under way when the former dockvisord ended';

export const isTakingUp = (why: string): boolean => why === wasUp || why === wasStopping;
