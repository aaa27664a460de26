const char t2i_x_[]="";
