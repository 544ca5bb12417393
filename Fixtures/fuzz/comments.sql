/* a /* b */ */ select -- c
 1 + /* d */ 2;;; -- e
