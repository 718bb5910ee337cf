import type { ReactNode } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";

/** In front of the page until it is closed; Escape closes it. */
export function Window(props: {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  return (
    <ModalOverlay
      isOpen={props.isOpen}
      onOpenChange={(open) => {
        if (!open) props.onClose();
      }}
      isDismissable
      className="fixed inset-0 z-10 grid place-items-center bg-black/50 p-4 print:static print:block print:bg-white print:p-0"
    >
      <Modal className="max-h-full w-full max-w-xl overflow-auto rounded-lg border-2 border-neutral-900 bg-white p-5 print:max-w-none print:overflow-visible print:border-0 print:p-0">
        <Dialog className="flex flex-col gap-4 outline-none">
          <Heading slot="title" className="text-xl font-bold">
            {props.title}
          </Heading>
          {props.children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
